/// JSON text (RFC 8259) in the making, as UTF-8.
///
/// Keys are written as they are, so they must be plain ASCII.
struct JSONBytes {
    private(set) var bytes: [UInt8] = []
    /// Whether the next value or key needs a comma before it.
    private var needsComma = false

    mutating func object(_ body: (inout JSONBytes) -> Void) { nest(0x7B, 0x7D, body) }

    mutating func array<Element>(_ elements: [Element], _ body: (inout JSONBytes, Element) -> Void) {
        nest(0x5B, 0x5D) { json in
            for element in elements { body(&json, element) }
        }
    }

    mutating func array(_ texts: [String]) {
        array(texts) { $0.text($1) }
    }

    /// Begins a member; its value follows.
    mutating func key(_ name: StaticString) {
        separate()
        bytes.append(ASCII.quote)
        bytes.append(contentsOf: name.description.utf8)
        bytes.append(ASCII.quote)
        bytes.append(ASCII.colon)
        needsComma = false
    }

    /// Begins a member whose name is not a literal.
    mutating func key(of name: String) {
        text(name)
        bytes.append(ASCII.colon)
        needsComma = false
    }

    mutating func text(_ text: String?) {
        guard let text else { return null() }
        separate()
        bytes.append(ASCII.quote)
        for byte in text.utf8 {
            switch byte {
            case ASCII.quote, ASCII.backslash:
                bytes.append(ASCII.backslash)
                bytes.append(byte)
            case ASCII.lineFeed: bytes.append(contentsOf: [ASCII.backslash, UInt8(ascii: "n")])
            case ASCII.carriageReturn: bytes.append(contentsOf: [ASCII.backslash, UInt8(ascii: "r")])
            case ASCII.tab: bytes.append(contentsOf: [ASCII.backslash, UInt8(ascii: "t")])
            case ..<0x20: bytes.append(contentsOf: Self.escape(byte))
            default: bytes.append(byte)
            }
        }
        bytes.append(ASCII.quote)
    }

    mutating func number(_ value: Int?) {
        guard let value else { return null() }
        raw(String(value))
    }

    mutating func flag(_ value: Bool) { raw(value ? "true" : "false") }

    mutating func null() { raw("null") }

    private static func escape(_ byte: UInt8) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        return Array("\\u00".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }

    private mutating func raw(_ text: String) {
        separate()
        bytes.append(contentsOf: text.utf8)
    }

    private mutating func separate() {
        if needsComma { bytes.append(ASCII.comma) }
        needsComma = true
    }

    private mutating func nest(_ open: UInt8, _ close: UInt8, _ body: (inout JSONBytes) -> Void) {
        separate()
        bytes.append(open)
        needsComma = false
        body(&self)
        bytes.append(close)
        needsComma = true
    }
}
