import NIOCore

/// Writes JSON text straight into a buffer; commas are its own business.
struct JSONWriter {
    private(set) var buffer: ByteBuffer
    private var needsComma = false

    init(capacity: Int = 512) {
        buffer = ByteBufferAllocator().buffer(capacity: capacity)
    }

    static func text(_ write: (inout JSONWriter) -> Void) -> ByteBuffer {
        var writer = JSONWriter()
        writer.object(write)
        return writer.buffer
    }

    mutating func object(_ fields: (inout JSONWriter) -> Void) {
        open("{")
        fields(&self)
        close("}")
    }

    mutating func array(_ items: (inout JSONWriter) -> Void) {
        open("[")
        items(&self)
        close("]")
    }

    mutating func key(_ name: String) {
        separate()
        quoted(name)
        buffer.writeString(":")
        needsComma = false
    }

    mutating func null() { token("null") }
    mutating func bool(_ value: Bool) { token(value ? "true" : "false") }
    mutating func int(_ value: some FixedWidthInteger) { token(String(value)) }

    mutating func number(_ value: Double) {
        guard value.isFinite else { return null() }
        token("\(value)")
    }

    mutating func string(_ value: String?) {
        guard let value else { return null() }
        separate()
        quoted(value)
        needsComma = true
    }

    mutating func value(_ value: JSON) {
        switch value {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .number(let text): token(text)
        case .string(let text): string(text)
        case .array(let items): array { writer in for item in items { writer.value(item) } }
        case .object(let fields):
            object { writer in
                for field in fields {
                    writer.key(field.name)
                    writer.value(field.value)
                }
            }
        }
    }

    /// Ends a line and begins a new document, for NDJSON.
    mutating func newLine() {
        buffer.writeString("\n")
        needsComma = false
    }

    private mutating func token(_ text: String) {
        separate()
        buffer.writeString(text)
        needsComma = true
    }

    private mutating func open(_ bracket: StaticString) {
        separate()
        buffer.writeStaticString(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: StaticString) {
        buffer.writeStaticString(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { buffer.writeString(",") }
    }

    private mutating func quoted(_ text: String) {
        buffer.writeString("\"")
        // Ids and phones need no escape; looking once is cheaper than copying byte by byte.
        if text.utf8.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) {
            for byte in text.utf8 { escaped(byte) }
        } else {
            buffer.writeString(text)
        }
        buffer.writeString("\"")
    }

    private mutating func escaped(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): buffer.writeString("\\\"")
        case UInt8(ascii: "\\"): buffer.writeString("\\\\")
        case UInt8(ascii: "\n"): buffer.writeString("\\n")
        case UInt8(ascii: "\r"): buffer.writeString("\\r")
        case UInt8(ascii: "\t"): buffer.writeString("\\t")
        case 0..<0x20:
            let digits = String(byte, radix: 16)
            buffer.writeString("\\u" + String(repeating: "0", count: 4 - digits.count) + digits)
        default: buffer.writeInteger(byte)
        }
    }
}
