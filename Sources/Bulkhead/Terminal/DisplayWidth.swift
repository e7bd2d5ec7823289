extension String {
    /// Columns the text takes on a terminal: wide characters of East Asia and emoji count two, combining marks none.
    ///
    /// After Unicode Standard Annex 11, in ranges wide enough for a table; terminals differ in the rest.
    package var displayWidth: Int {
        reduce(0) { $0 + ($1.unicodeScalars.first?.isWide == true ? 2 : $1.isInvisible ? 0 : 1) }
    }

    /// The text without anything that a terminal would act on.
    ///
    /// Tables hold texts of providers and of records, and neither may move the cursor or set the window's title.
    package var printable: String {
        var clean = ""
        for scalar in unicodeScalars {
            clean.unicodeScalars.append(scalar.properties.generalCategory == .control ? "\u{FFFD}" : scalar)
        }
        return clean
    }

    /// The text in at most `width` columns, with an ellipsis in place of what was cut.
    package func cut(to width: Int) -> String {
        guard displayWidth > width else { return self }
        var result = ""
        var used = 0
        for character in self {
            let columns = String(character).displayWidth
            guard used + columns < width else { break }
            result.append(character)
            used += columns
        }
        return width > 0 ? result + "…" : ""
    }
}

extension Character {
    fileprivate var isInvisible: Bool {
        unicodeScalars.allSatisfy {
            switch $0.properties.generalCategory {
            case .nonspacingMark, .enclosingMark, .format: true
            default: false
            }
        }
    }
}

extension Unicode.Scalar {
    fileprivate var isWide: Bool {
        switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xA960...0xA97F, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
            0x1F900...0x1FAFF, 0x20000...0x3FFFD:
            true
        default: false
        }
    }
}
