import Yams

/// Renames keys that a mapping has twice, so that one repeated key does not hide the file's other problems.
///
/// The first letter of the earlier key is replaced by a character of Unicode's private use area, so every place in the
/// file stays where it was.
struct RepeatedKeys {
    struct Place: Hashable {
        var line: Int
        var column: Int
    }

    private static let privateUse: UInt32 = 0xE000
    private static let limit = 200

    private(set) var text: String
    /// The letter that stood at each place.
    private(set) var places: [Place: Unicode.Scalar] = [:]

    init(text: String) {
        self.text = text
    }

    /// Whether the key at the mark could be renamed.
    mutating func rename(at mark: Mark) -> Bool {
        guard places.count < Self.limit, let stand = Unicode.Scalar(Self.privateUse + UInt32(places.count)) else {
            return false
        }
        var scalars = text.unicodeScalars
        guard var index = Self.index(of: mark, in: scalars) else { return false }
        if scalars[index] == "\"" || scalars[index] == "'" { index = scalars.index(after: index) }
        guard index < scalars.endIndex else { return false }
        let letter = scalars[index]
        // Anything else might be part of YAML's own syntax.
        guard letter.properties.isAlphabetic || ("0"..."9").contains(letter) || letter == "_" else { return false }
        scalars.replaceSubrange(index...index, with: CollectionOfOne(stand))
        text = String(scalars)
        places[Place(line: mark.line, column: mark.column)] = letter
        return true
    }

    /// The name that a renamed key had; `nil` for keys that were left alone.
    func name(of key: String, at mark: Mark) -> String? {
        guard let letter = places[Place(line: mark.line, column: mark.column)], let first = key.unicodeScalars.first,
            first.value >= Self.privateUse, first.value < Self.privateUse + UInt32(Self.limit)
        else { return nil }
        var name = String(letter)
        name.unicodeScalars.append(contentsOf: key.unicodeScalars.dropFirst())
        return name
    }

    private static func index(of mark: Mark, in scalars: String.UnicodeScalarView) -> String.UnicodeScalarView.Index? {
        var index = scalars.startIndex
        // A byte order mark is no column.
        if scalars.first == "\u{FEFF}" { index = scalars.index(after: index) }
        var line = 1
        var column = 1
        while index < scalars.endIndex {
            if line == mark.line, column == mark.column { return index }
            let scalar = scalars[index]
            index = scalars.index(after: index)
            switch scalar {
            case "\r" where index < scalars.endIndex && scalars[index] == "\n":
                column += 1
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
                line += 1
                column = 1
            default:
                column += 1
            }
        }
        return nil
    }
}
