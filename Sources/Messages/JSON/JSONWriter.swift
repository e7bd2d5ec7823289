/// Writes compact JSON in UTF-8, in the order in which it is told.
///
/// Commas are its own work; that keys stand before values in objects is the caller's. Text is copied through a span of a
/// buffer that is longer than what was written, which is twice as fast as appending byte by byte.
package struct JSONWriter: Sendable {
    private var buffer: [UInt8]
    private var count = 0
    private var needsComma = false

    /// - Parameter capacity: bytes to set aside, so that a message of usual size is one allocation.
    package init(capacity: Int = 1024) {
        buffer = [UInt8](repeating: 0, count: capacity)
    }

    /// What was written so far.
    package var bytes: [UInt8] { Array(buffer[..<count]) }

    package mutating func beginObject() { open(UInt8(ascii: "{")) }
    package mutating func endObject() { close(UInt8(ascii: "}")) }
    package mutating func beginArray() { open(UInt8(ascii: "[")) }
    package mutating func endArray() { close(UInt8(ascii: "]")) }

    private mutating func open(_ bracket: UInt8) {
        separate()
        append(bracket)
        needsComma = false
    }

    private mutating func close(_ bracket: UInt8) {
        append(bracket)
        needsComma = true
    }

    private mutating func separate() {
        if needsComma { append(UInt8(ascii: ",")) }
        needsComma = true
    }

    private mutating func append(_ byte: UInt8) {
        reserve(1)
        buffer[count] = byte
        count &+= 1
    }

    private mutating func reserve(_ additional: Int) {
        let needed = count + additional
        guard needed > buffer.count else { return }
        buffer.append(contentsOf: repeatElement(0, count: max(needed, buffer.count * 2) - buffer.count))
    }

    package mutating func key(_ name: String) {
        separate()
        quoted(name)
        append(UInt8(ascii: ":"))
        needsComma = false
    }

    package mutating func null() { raw("null") }
    package mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }

    package mutating func string(_ text: String) {
        separate()
        quoted(text)
    }

    package mutating func integer(_ value: Int64) {
        separate()
        var digits = value.magnitude
        var length = value < 0 ? 2 : 1
        while digits >= 10 {
            digits /= 10
            length += 1
        }
        reserve(length)
        var rest = value.magnitude
        var position = count + length
        count = position
        repeat {
            position -= 1
            buffer[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        if value < 0 { buffer[position - 1] = UInt8(ascii: "-") }
    }

    /// Infinite values and not-a-number, which JSON lacks, become `null`.
    package mutating func number(_ value: Double) { raw(value.isFinite ? value.description : "null") }

    package mutating func timestamp(_ time: Timestamp) {
        separate()
        append(UInt8(ascii: "\""))
        reserve(Timestamp.maximumTextLength)
        let start = count
        var span = buffer.mutableSpan
        let end = time.write(into: &span, at: start)
        count = end
        append(UInt8(ascii: "\""))
    }

    package mutating func value(_ json: JSON) {
        switch json {
        case .null: null()
        case .bool(let value): bool(value)
        case .integer(let value): integer(value)
        case .number(let value): number(value)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for element in elements { value(element) }
            endArray()
        case .object(let members):
            beginObject()
            for member in members {
                key(member.key)
                value(member.value)
            }
            endObject()
        }
    }

    /// Puts in a value that is JSON already.
    package mutating func json(_ bytes: [UInt8]) {
        separate()
        reserve(bytes.count)
        let source = bytes.span
        let start = count
        var target = buffer.mutableSpan
        for index in source.indices { target[start &+ index] = source[index] }
        count = start + source.count
    }

    private mutating func raw(_ text: String) {
        separate()
        for byte in text.utf8 { append(byte) }
    }

    private mutating func quoted(_ text: String) {
        let source = text.utf8Span.span
        reserve(source.count + 2)
        var needsEscape = false
        var position = count
        var target = buffer.mutableSpan
        target[position] = UInt8(ascii: "\"")
        position &+= 1
        for index in source.indices {
            let byte = source[index]
            needsEscape = needsEscape || byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
            target[position] = byte
            position &+= 1
        }
        guard !needsEscape else {
            append(UInt8(ascii: "\""))
            for index in source.indices { appendEscaped(source[index]) }
            append(UInt8(ascii: "\""))
            return
        }
        target[position] = UInt8(ascii: "\"")
        count = position + 1
    }

    private mutating func appendEscaped(_ byte: UInt8) {
        let letter: UInt8
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): letter = byte
        case 0x0A: letter = UInt8(ascii: "n")
        case 0x0D: letter = UInt8(ascii: "r")
        case 0x09: letter = UInt8(ascii: "t")
        case 0..<0x20:
            for byte in "\\u00".utf8 { append(byte) }
            append(lowerHexadecimal(byte >> 4))
            append(lowerHexadecimal(byte & 0xF))
            return
        default:
            append(byte)
            return
        }
        append(UInt8(ascii: "\\"))
        append(letter)
    }
}

extension JSONWriter {
    /// Writes a member; `nil` is written as `null`.
    package mutating func field(_ name: String, _ text: String?) {
        key(name)
        if let text { string(text) } else { null() }
    }

    package mutating func field(_ name: String, _ value: Int?) {
        key(name)
        if let value { integer(Int64(value)) } else { null() }
    }

    package mutating func field(_ name: String, _ value: Int64?) {
        key(name)
        if let value { integer(value) } else { null() }
    }

    package mutating func field(_ name: String, _ value: Double?) {
        key(name)
        if let value { number(value) } else { null() }
    }

    package mutating func field(_ name: String, _ value: Bool) {
        key(name)
        bool(value)
    }

    package mutating func field(_ name: String, _ time: Timestamp?) {
        key(name)
        if let time { timestamp(time) } else { null() }
    }

    /// Writes a member only when there is something to write.
    package mutating func fieldIfPresent(_ name: String, _ text: String?) {
        if let text { field(name, text) }
    }

    package mutating func fieldIfPresent(_ name: String, _ time: Timestamp?) {
        if let time { field(name, time) }
    }

    package mutating func field(_ name: String, _ texts: [String]) {
        key(name)
        beginArray()
        for text in texts { string(text) }
        endArray()
    }
}

func lowerHexadecimal(_ digit: UInt8) -> UInt8 {
    digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
}
