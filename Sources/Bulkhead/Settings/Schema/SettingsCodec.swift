import ProviderKit

/// How a value is read from text and written back.
package struct SettingsCodec<Value> {
    /// What may stand there, in words.
    package var allowed: String
    /// How it is written, as " (as 4096, 1MB, 256MiB)"; empty where that is plain.
    package var form = ""
    package var isSecret = false
    /// Whether a YAML list may stand there; its items arrive joined by commas.
    package var isList = false
    /// `nil` when the text is not allowed.
    package var read: (String) -> Value?
    package var write: (Value) -> String
    package var json: (Value) -> JSONText
}

extension SettingsCodec where Value == Int {
    package static func integer(_ range: ClosedRange<Int>) -> SettingsCodec {
        SettingsCodec(
            allowed: "\(range.lowerBound) to \(range.upperBound)",
            read: { text in
                guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: "-") }) else {
                    return nil
                }
                return Int(text).flatMap { range.contains($0) ? $0 : nil }
            },
            write: { String($0) },
            json: { .integer($0) }
        )
    }

    package static func bytes(_ range: ClosedRange<Int>) -> SettingsCodec {
        let bounds = "\(ByteSize.text(range.lowerBound)) to \(ByteSize.text(range.upperBound))"
        return SettingsCodec(
            allowed: bounds,
            form: " (as 4096, 1MB, 256MiB)",
            read: { text in ByteSize.bytes(text).flatMap { range.contains($0) ? $0 : nil } },
            write: { ByteSize.text($0) },
            json: { .integer($0) }
        )
    }
}

extension SettingsCodec where Value == Double {
    package static func number(_ range: ClosedRange<Double>) -> SettingsCodec {
        SettingsCodec(
            allowed: "\(short(range.lowerBound)) to \(short(range.upperBound))",
            read: { text in
                // `Double` would also take `nan`, `inf` and hexadecimal numbers.
                guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) || "+-.eE".utf8.contains($0) }) else {
                    return nil
                }
                return Double(text).flatMap { range.contains($0) ? $0 : nil }
            },
            write: { short($0) },
            json: { .number($0) }
        )
    }

    private static func short(_ number: Double) -> String {
        Int(exactly: number).map { String($0) } ?? String(number)
    }
}

extension SettingsCodec where Value == Duration {
    package static func duration(_ range: ClosedRange<Duration>) -> SettingsCodec {
        let bounds = "\(DurationText.text(range.lowerBound)) to \(DurationText.text(range.upperBound))"
        return SettingsCodec(
            allowed: bounds,
            form: " (as 500ms, 30s, 5m, 2h, 7d)",
            read: { text in DurationText.duration(text).flatMap { range.contains($0) ? $0 : nil } },
            write: { DurationText.text($0) },
            json: { .text(DurationText.text($0)) }
        )
    }
}

extension SettingsCodec where Value == Bool {
    package static var flag: SettingsCodec {
        SettingsCodec(
            allowed: "true or false",
            read: { text in text == "true" ? true : text == "false" ? false : nil },
            write: { $0 ? "true" : "false" },
            json: { .flag($0) }
        )
    }
}

extension SettingsCodec where Value == String {
    /// Text without control characters.
    package static func text(
        _ allowed: String = "text",
        upTo length: Int = 1_000,
        mayBeEmpty: Bool = false,
        where isAllowed: @escaping (String) -> Bool = { _ in true }
    ) -> SettingsCodec {
        SettingsCodec(
            allowed: allowed,
            read: { text in
                guard mayBeEmpty || !text.isEmpty, text.utf8.count <= length, text.printable == text else { return nil }
                return isAllowed(text) ? text : nil
            },
            write: { $0 },
            json: { .text($0) }
        )
    }

    /// Whatever stands there.
    package static func anyText(isSecret: Bool) -> SettingsCodec {
        SettingsCodec(allowed: "text", isSecret: isSecret, read: { $0 }, write: { $0 }, json: { .text($0) })
    }
}

extension SettingsCodec where Value == Secret {
    /// Text that is never shown; a line break at its end would only ever be an accident, and anywhere in it a mistake.
    static var secret: SettingsCodec {
        SettingsCodec(
            allowed: "text of visible ASCII characters",
            isSecret: true,
            read: { text in
                !text.isEmpty && text.utf8.allSatisfy { (0x21...0x7E).contains($0) } ? Secret(text) : nil
            },
            write: { _ in SettingsEntry.mask },
            json: { _ in .text(SettingsEntry.mask) }
        )
    }
}

extension SettingsCodec where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
    package static var choice: SettingsCodec {
        let names = Value.allCases.map(\.rawValue)
        let last = names.last ?? ""
        return SettingsCodec(
            allowed: names.count > 1 ? "\(names.dropLast().joined(separator: ", ")) or \(last)" : last,
            read: { Value(rawValue: $0) },
            write: { $0.rawValue },
            json: { .text($0.rawValue) }
        )
    }
}

extension SettingsCodec {
    /// A list of values: a YAML list, or one text with commas.
    package static func list<Element>(of codec: SettingsCodec<Element>) -> SettingsCodec where Value == [Element] {
        SettingsCodec(
            allowed: "a list of \(codec.allowed)",
            isList: true,
            read: { text in
                guard !text.isEmpty else { return [] }
                var values: [Element] = []
                for part in text.split(separator: ",", omittingEmptySubsequences: false) {
                    let trimmed = part.drop { $0 == " " }
                    guard let value = codec.read(String(trimmed)) else { return nil }
                    values.append(value)
                }
                return values
            },
            write: { $0.map(codec.write).joined(separator: ",") },
            json: { .array($0.map(codec.json)) }
        )
    }
}
