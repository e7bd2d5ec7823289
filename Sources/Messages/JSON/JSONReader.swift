/// Reads RFC 8259 text, strictly: UTF-8 is checked, duplicate keys and what follows the value are errors.
///
/// Foundation's decoder takes about ten times as long and cannot say which field of a record is wrong.
package struct JSONReader {
    private var index: Int

    private init() {
        index = 0
    }

    /// Reads the one value that the bytes consist of.
    package static func document(_ bytes: Span<UInt8>) throws(JSONError) -> JSON {
        var reader = JSONReader()
        reader.skipSpace(bytes)
        let value = try reader.value(bytes, depth: 0)
        reader.skipSpace(bytes)
        guard reader.index == bytes.count else { throw JSONError(.trailingBytes, at: reader.index) }
        return value
    }

    private mutating func skipSpace(_ bytes: Span<UInt8>) {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index &+= 1
            default: return
            }
        }
    }

    private func failure(_ bytes: Span<UInt8>) -> JSONError {
        JSONError(index < bytes.count ? .unexpectedByte : .unexpectedEnd, at: index)
    }

    private mutating func expect(_ byte: UInt8, _ bytes: Span<UInt8>) throws(JSONError) {
        guard index < bytes.count, bytes[index] == byte else { throw failure(bytes) }
        index &+= 1
    }

    private mutating func value(_ bytes: Span<UInt8>, depth: Int) throws(JSONError) -> JSON {
        guard index < bytes.count else { throw failure(bytes) }
        switch bytes[index] {
        case UInt8(ascii: "\""):
            return .string(try string(bytes))
        case UInt8(ascii: "{"):
            return try object(bytes, depth: depth + 1)
        case UInt8(ascii: "["):
            return try array(bytes, depth: depth + 1)
        case UInt8(ascii: "t"):
            try word("true", bytes)
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false", bytes)
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null", bytes)
            return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            return try number(bytes)
        default:
            throw failure(bytes)
        }
    }

    private mutating func word(_ word: String, _ bytes: Span<UInt8>) throws(JSONError) {
        for byte in word.utf8 { try expect(byte, bytes) }
    }

    private mutating func array(_ bytes: Span<UInt8>, depth: Int) throws(JSONError) -> JSON {
        guard depth <= JSON.maximumDepth else { throw JSONError(.tooDeep, at: index) }
        index &+= 1
        skipSpace(bytes)
        var elements: [JSON] = []
        if index < bytes.count, bytes[index] == UInt8(ascii: "]") {
            index &+= 1
            return .array(elements)
        }
        while true {
            skipSpace(bytes)
            elements.append(try value(bytes, depth: depth))
            skipSpace(bytes)
            if index < bytes.count, bytes[index] == UInt8(ascii: ",") {
                index &+= 1
            } else {
                try expect(UInt8(ascii: "]"), bytes)
                return .array(elements)
            }
        }
    }

    private mutating func object(_ bytes: Span<UInt8>, depth: Int) throws(JSONError) -> JSON {
        guard depth <= JSON.maximumDepth else { throw JSONError(.tooDeep, at: index) }
        index &+= 1
        skipSpace(bytes)
        var members: [JSON.Member] = []
        if index < bytes.count, bytes[index] == UInt8(ascii: "}") {
            index &+= 1
            return .object(members)
        }
        members.reserveCapacity(8)
        // Comparing with each earlier key is quickest for the few keys that messages have; the set keeps an object
        // with a hundred thousand keys linear.
        var seen: Set<String> = []
        while true {
            skipSpace(bytes)
            let start = index
            let key = try string(bytes)
            if members.count < 16 {
                for member in members where member.key == key { throw JSONError(.duplicateKey, at: start) }
            } else {
                if seen.isEmpty { seen = Set(members.lazy.map(\.key)) }
                guard seen.insert(key).inserted else { throw JSONError(.duplicateKey, at: start) }
            }
            skipSpace(bytes)
            try expect(UInt8(ascii: ":"), bytes)
            skipSpace(bytes)
            members.append(JSON.Member(key, try value(bytes, depth: depth)))
            skipSpace(bytes)
            if index < bytes.count, bytes[index] == UInt8(ascii: ",") {
                index &+= 1
            } else {
                try expect(UInt8(ascii: "}"), bytes)
                return .object(members)
            }
        }
    }

    private mutating func string(_ bytes: Span<UInt8>) throws(JSONError) -> String {
        try expect(UInt8(ascii: "\""), bytes)
        let start = index
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                let text = try Self.text(bytes.extracting(start..<index), at: start)
                index &+= 1
                return text
            }
            if byte == UInt8(ascii: "\\") { return try escapedString(bytes, from: start) }
            guard byte >= 0x20 else { throw JSONError(.controlCharacter, at: index) }
            index &+= 1
        }
        throw failure(bytes)
    }

    private static func text(_ bytes: Span<UInt8>, at offset: Int) throws(JSONError) -> String {
        do throws(Unicode.UTF8.ValidationError) {
            return String(copying: try UTF8Span(validating: bytes))
        } catch {
            throw JSONError(.invalidUTF8, at: offset + error.byteOffsets.lowerBound)
        }
    }

    /// Reads on from the first backslash of a string that began at `start`.
    private mutating func escapedString(_ bytes: Span<UInt8>, from start: Int) throws(JSONError) -> String {
        var unescaped: [UInt8] = []
        unescaped.reserveCapacity(index - start + 32)
        for position in start..<index { unescaped.append(bytes[position]) }
        while index < bytes.count {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: "\""):
                let text = try Self.text(unescaped.span, at: start)
                index &+= 1
                return text
            case UInt8(ascii: "\\"):
                index &+= 1
                try escape(bytes, into: &unescaped)
            case 0..<0x20:
                throw JSONError(.controlCharacter, at: index)
            default:
                unescaped.append(byte)
                index &+= 1
            }
        }
        throw failure(bytes)
    }

    private mutating func escape(_ bytes: Span<UInt8>, into unescaped: inout [UInt8]) throws(JSONError) {
        guard index < bytes.count else { throw failure(bytes) }
        let start = index
        let byte = bytes[index]
        index &+= 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(byte)
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0C)
        case UInt8(ascii: "n"): unescaped.append(0x0A)
        case UInt8(ascii: "r"): unescaped.append(0x0D)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "u"):
            var scalar = try hexadecimal(bytes)
            if scalar & 0xFC00 == 0xD800 {
                guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "\\"), bytes[index + 1] == UInt8(ascii: "u")
                else { throw JSONError(.loneSurrogate, at: start) }
                index &+= 2
                let low = try hexadecimal(bytes)
                guard low & 0xFC00 == 0xDC00 else { throw JSONError(.loneSurrogate, at: start) }
                scalar = 0x10000 + (scalar & 0x3FF) << 10 + low & 0x3FF
            }
            guard let character = Unicode.Scalar(scalar) else { throw JSONError(.loneSurrogate, at: start) }
            unescaped.append(contentsOf: UTF8.encode(character) ?? UTF8.encodedReplacementCharacter)
        default:
            throw JSONError(.invalidEscape, at: start)
        }
    }

    private mutating func hexadecimal(_ bytes: Span<UInt8>) throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard index < bytes.count else { throw failure(bytes) }
            guard let digit = hexadecimalDigit(bytes[index]) else { throw JSONError(.invalidEscape, at: index) }
            value = value << 4 | UInt32(digit)
            index &+= 1
        }
        return value
    }

    private mutating func digits(_ bytes: Span<UInt8>) throws(JSONError) {
        guard index < bytes.count, isDigit(bytes[index]) else {
            throw JSONError(index < bytes.count ? .invalidNumber : .unexpectedEnd, at: index)
        }
        while index < bytes.count, isDigit(bytes[index]) { index &+= 1 }
    }

    private mutating func number(_ bytes: Span<UInt8>) throws(JSONError) -> JSON {
        let start = index
        var isInteger = true
        if bytes[index] == UInt8(ascii: "-") { index &+= 1 }
        let firstDigit = index
        try digits(bytes)
        if bytes[firstDigit] == UInt8(ascii: "0"), index > firstDigit + 1 {
            throw JSONError(.invalidNumber, at: firstDigit)
        }
        if index < bytes.count, bytes[index] == UInt8(ascii: ".") {
            isInteger = false
            index &+= 1
            try digits(bytes)
        }
        if index < bytes.count, bytes[index] | 0x20 == UInt8(ascii: "e") {
            isInteger = false
            index &+= 1
            if index < bytes.count, bytes[index] == UInt8(ascii: "+") || bytes[index] == UInt8(ascii: "-") {
                index &+= 1
            }
            try digits(bytes)
        }
        let literal = try Self.text(bytes.extracting(start..<index), at: start)
        if isInteger, let value = Int64(literal) { return .integer(value) }
        guard let value = Double(literal), value.isFinite else { throw JSONError(.numberOutOfRange, at: start) }
        return .number(value)
    }
}

func isDigit(_ byte: UInt8) -> Bool {
    byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
}

/// The value of a hexadecimal digit of either case.
func hexadecimalDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
}
