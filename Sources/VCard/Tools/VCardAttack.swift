/// Files that are made to be slow or large to read (`reference/vcard.md` 10).
///
/// All of them must cost linear time.
package enum VCardAttack: String, CaseIterable, Sendable {
    case longLine = "one long line"
    case longHead = "one long line without a colon"
    case parameters = "parameters"
    case quotes = "quotes"
    case folds = "folds of one character"
    case foldedHead = "folds before a colon"
    case semicolons = "semicolons"
    case commas = "commas"
    case escapes = "escapes"
    case softBreaks = "soft line breaks"
    case brokenBase64 = "base64 without indentation"
    case begins = "BEGIN after BEGIN"
    case ends = "END after END"
    case agents = "agents in agents"
    case properties = "properties"
    case groups = "groups with labels"
    case categories = "categories"
    case labels = "addresses and labels"
    case phones = "phones"
    case outside = "text outside of cards"
    case blankLines = "blank lines"
    case returns = "carriage returns"
    case strays = "stray bytes"

    /// A file of about `size` repetitions.
    package func file(size: Int) -> [UInt8] {
        let (head, unit, tail): (String, String, String) =
            switch self {
            case .longLine: ("NOTE:", "x", "")
            case .longHead: ("", "x", "")
            case .parameters: ("TEL", ";A=1", ":1")
            case .quotes: ("TEL;A=", "\"", ":1")
            case .folds: ("NOTE:", "\r\n x", "")
            case .foldedHead: ("TEL", "\r\n ;", ":1")
            case .semicolons: ("N:", ";", "")
            case .commas: ("N:", ",", "")
            case .escapes: ("NOTE:", "\\,", "")
            case .softBreaks: ("NOTE;QUOTED-PRINTABLE:", "=\r\n", "")
            case .brokenBase64: ("PHOTO;ENCODING=b:", "\r\nAAAA", "")
            case .begins: ("", "BEGIN:VCARD\r\n", "")
            case .ends: ("", "END:VCARD\r\n", "")
            case .agents: ("", "AGENT:\r\nBEGIN:VCARD\r\n", "")
            case .properties: ("", "A:1\r\n", "")
            case .groups: ("", "a%.X-ABLabel:x\r\na%.TEL:%\r\n", "")
            case .categories: ("", "CATEGORIES:a%,b%,c%,d%,e%,f%,g%,h%\r\n", "")
            case .labels: ("", "ADR:;;%\r\nLABEL:%\r\n", "")
            case .phones: ("", "TEL:+4930%%%%\r\nEMAIL:%@b.c\r\n", "")
            case .outside: ("END:VCARD\r\n", "x\r\n", "")
            case .blankLines: ("PHOTO;ENCODING=b:", "\r\n", "")
            case .returns: ("", "\r", "")
            case .strays: ("NOTE:", "\u{E9}", "")
            }
        var file = Array("BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\n\(head)".utf8)
        if unit.contains("%") {
            // At most as many as a card may hold, with differing values; then cards of them.
            for index in 0..<size / 20 {
                file += unit.replacingMarks(with: String(index % 900)).utf8
                if index % 900 == 899 { file += "END:VCARD\r\nBEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\n".utf8 }
            }
        } else if self == .strays {
            file += [UInt8](repeating: 0xE9, count: size)
        } else {
            let bytes = Array(unit.utf8)
            let count = self == .begins || self == .ends || self == .agents ? size / 10 : size
            file.reserveCapacity(file.count + count * bytes.count)
            for _ in 0..<count { file += bytes }
        }
        return file + Array("\(tail)\r\nEND:VCARD\r\n".utf8)
    }
}

extension String {
    fileprivate func replacingMarks(with text: String) -> String {
        split(separator: "%", omittingEmptySubsequences: false).joined(separator: text)
    }
}
