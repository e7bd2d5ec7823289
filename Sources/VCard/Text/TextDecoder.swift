/// Turns a value's bytes into UTF-8.
struct TextDecoder: Sendable {
    private let fallback: Charset
    private let larger: (any CharacterDecoder)?
    /// The name that was resolved last: the properties of one card mostly name the same set.
    private var lastName: [UInt8] = []
    private var lastCharset: Charset?

    init(settings: VCardSettings) {
        fallback = Charset(named: settings.fallbackCharset) ?? .singleByte(SingleByteTables.windows1252)
        larger = settings.decoder
    }

    mutating func charset(named name: ArraySlice<UInt8>) -> Charset? {
        if !lastName.isEmpty, lastName.elementsEqual(name) { return lastCharset }
        let text = String(decoding: name, as: UTF8.self)
        lastName = Array(name)
        lastCharset = Charset(named: text)
        if lastCharset == nil, larger != nil { lastCharset = .larger(text.uppercased()) }
        return lastCharset
    }

    /// Makes `bytes` UTF-8.
    ///
    /// - Parameter declared: what the property says of itself, or `nil`.
    func decode(_ bytes: inout [UInt8], check: UTF8Check, declared: Charset?) -> TextFindings {
        guard let declared, declared != .utf8 else { return guess(&bytes, check) }
        guard case .larger(let name) = declared else { return transcode(&bytes, from: declared) }
        if check.isASCII, !name.hasPrefix("UTF"), !name.hasPrefix("ISO"), !name.hasPrefix("HZ") { return [] }
        guard let text = larger?.decode(bytes, charset: name) else {
            // A decoder was asked about a name that this module does not know either.
            let isKnown = Charset(named: name) != nil
            return guess(&bytes, check).union(isKnown ? .unsupported : .unknown)
        }
        bytes = Array(text.utf8)
        return text.unicodeScalars.contains("\u{FFFD}") ? .invalid : []
    }

    /// Text that is mostly UTF-8 keeps its whole characters; all other text is taken for the fallback set.
    ///
    /// Names cut off in the middle of a character are common, so one stray byte says little about the others.
    private func guess(_ bytes: inout [UInt8], _ check: UTF8Check) -> TextFindings {
        if check.isValid { return [] }
        if check.characters >= check.strayBytes {
            bytes = Array(String(decoding: bytes, as: UTF8.self).utf8)
            return .invalid
        }
        if case .larger(let name) = fallback {
            guard let text = larger?.decode(bytes, charset: name) else {
                return transcode(&bytes, from: .singleByte(SingleByteTables.windows1252)).union(.guessed)
            }
            bytes = Array(text.utf8)
            return text.unicodeScalars.contains("\u{FFFD}") ? [.guessed, .invalid] : .guessed
        }
        if fallback == .utf8 {
            bytes = Array(String(decoding: bytes, as: UTF8.self).utf8)
            return .invalid
        }
        return transcode(&bytes, from: fallback).union(.guessed)
    }

    private func transcode(_ bytes: inout [UInt8], from charset: Charset) -> TextFindings {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count * 2)
        var findings: TextFindings = []
        for byte in bytes {
            guard byte >= 0x80 else {
                result.append(byte)
                continue
            }
            var scalar = UInt32(byte)
            if case .singleByte(let table) = charset {
                scalar = UInt32(table[Int(byte) - 0x80])
                if scalar == 0xFFFD { findings.insert(.invalid) }
            }
            result.append(scalar: scalar)
        }
        bytes = result
        return findings
    }
}

/// Parameter values, which are short and seldom anything but ASCII.
enum ParameterText {
    private static let decoder = TextDecoder(settings: VCardSettings())

    /// - Parameter hasCarets: whether the caret notation is read (RFC 6868 section 3.2).
    static func decode(_ value: ArraySlice<UInt8>, hasCarets: Bool) -> String {
        var bytes: [UInt8] = []
        var index = value.startIndex
        while index < value.endIndex {
            let byte = value[index]
            let next = index + 1 < value.endIndex ? value[index + 1] : 0
            index += 1
            guard hasCarets, byte == ASCII.caret else {
                bytes.append(byte)
                continue
            }
            switch next {
            case UInt8(ascii: "n"), UInt8(ascii: "N"): bytes.append(ASCII.lineFeed)
            case UInt8(ascii: "'"): bytes.append(ASCII.quote)
            case ASCII.caret: bytes.append(ASCII.caret)
            default:
                bytes.append(byte)
                continue
            }
            index += 1
        }
        let check = UTF8Check(bytes, 0..<bytes.count)
        _ = decoder.decode(&bytes, check: check, declared: nil)
        return String(decoding: bytes, as: UTF8.self)
    }
}
