import NIOCore

extension JSON {
    /// Reads one document of RFC 8259; `nil` when the bytes are none, or nest deeper than 64 levels.
    init?(_ buffer: ByteBuffer) {
        self.init(Array(buffer.readableBytesView))
    }

    init?(_ bytes: [UInt8]) {
        var reader = JSONReader(bytes)
        guard let value = reader.document() else { return nil }
        self = value
    }
}

/// A recursive-descent reader of RFC 8259, lenient about nothing.
private struct JSONReader {
    private let bytes: [UInt8]
    private var place = 0

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() -> JSON? {
        guard let value = value(depth: 0) else { return nil }
        space()
        return place == bytes.count ? value : nil
    }

    private var next: UInt8? { place < bytes.count ? bytes[place] : nil }

    private mutating func space() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { place += 1 }
    }

    private mutating func accept(_ byte: Unicode.Scalar) -> Bool {
        guard next == UInt8(ascii: byte) else { return false }
        place += 1
        return true
    }

    private mutating func accept(word: StaticString) -> Bool {
        let word = word.description.utf8
        guard bytes[place...].starts(with: word) else { return false }
        place += word.count
        return true
    }

    private mutating func value(depth: Int) -> JSON? {
        guard depth < 64 else { return nil }
        space()
        switch next {
        case UInt8(ascii: "{"): return object(depth: depth)
        case UInt8(ascii: "["): return array(depth: depth)
        case UInt8(ascii: "\""): return text().map(JSON.string)
        case UInt8(ascii: "t"): return accept(word: "true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return accept(word: "false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return accept(word: "null") ? .null : nil
        default: return number()
        }
    }

    private mutating func object(depth: Int) -> JSON? {
        place += 1
        var fields: [JSON.Field] = []
        space()
        if accept("}") { return .object(fields) }
        repeat {
            space()
            guard next == UInt8(ascii: "\""), let name = text() else { return nil }
            space()
            guard accept(":"), let value = value(depth: depth + 1) else { return nil }
            fields.append(JSON.Field(name: name, value: value))
            space()
        } while accept(",")
        return accept("}") ? .object(fields) : nil
    }

    private mutating func array(depth: Int) -> JSON? {
        place += 1
        var items: [JSON] = []
        space()
        if accept("]") { return .array(items) }
        repeat {
            guard let item = value(depth: depth + 1) else { return nil }
            items.append(item)
            space()
        } while accept(",")
        return accept("]") ? .array(items) : nil
    }

    private mutating func number() -> JSON? {
        let start = place
        _ = accept("-")
        let whole = digits()
        guard whole > 0, whole == 1 || bytes[place - whole] != UInt8(ascii: "0") else { return nil }
        if accept("."), digits() == 0 { return nil }
        if accept("e") || accept("E") {
            if !accept("+") { _ = accept("-") }
            guard digits() > 0 else { return nil }
        }
        return .number(String(decoding: bytes[start..<place], as: UTF8.self))
    }

    private mutating func digits() -> Int {
        let start = place
        while let byte = next, byte >= 0x30, byte <= 0x39 { place += 1 }
        return place - start
    }

    private mutating func text() -> String? {
        place += 1
        let start = place
        while let byte = next, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            guard byte >= 0x20 else { return nil }
            place += 1
        }
        if accept("\"") { return String(decoding: bytes[start..<place - 1], as: UTF8.self) }

        var text = Array(bytes[start..<place])
        while let byte = next {
            place += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"):
                guard let scalar = escape() else { return nil }
                text.append(contentsOf: Array(String(Character(scalar)).utf8))
            case 0..<0x20: return nil
            default: text.append(byte)
            }
        }
        return nil
    }

    private mutating func escape() -> Unicode.Scalar? {
        guard let byte = next else { return nil }
        place += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "u"):
            guard let unit = hex() else { return nil }
            guard unit & 0xFC00 == 0xD800 else { return Unicode.Scalar(unit) ?? "\u{FFFD}" }
            guard accept("\\"), accept("u"), let low = hex(), low & 0xFC00 == 0xDC00 else { return "\u{FFFD}" }
            return Unicode.Scalar(0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF)
        default: return nil
        }
    }

    private mutating func hex() -> UInt32? {
        guard place + 4 <= bytes.count else { return nil }
        let digits = String(decoding: bytes[place..<place + 4], as: UTF8.self)
        guard digits.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }) else { return nil }
        place += 4
        return UInt32(digits, radix: 16)
    }
}
