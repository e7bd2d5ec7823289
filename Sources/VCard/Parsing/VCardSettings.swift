/// Decodes the character sets that are too large for this module, as Shift_JIS, EUC, GBK and Big5.
package protocol CharacterDecoder: Sendable {
    /// The text, or `nil` when the set is not one of the decoder's.
    ///
    /// - Parameter charset: as the card names it, in upper case.
    func decode(_ bytes: [UInt8], charset: String) -> String?
}

/// How cards are read.
package struct VCardSettings: Sendable {
    package var limits = VCardLimits()
    /// For text that is not UTF-8 and says nothing of itself; an unknown name means windows-1252.
    package var fallbackCharset = "windows-1252"
    package var decoder: (any CharacterDecoder)?

    package init() {}
}

/// A place in a file from which reading can go on: BEGIN of a card that no agent owns.
package struct ImportPosition: Hashable, Sendable {
    /// Number of the card that begins here, counted from 1.
    package var card: Int
    /// Physical line of its BEGIN, counted from 1.
    package var line: Int
    /// Byte of the file, counted from 0.
    package var offset: Int

    package static let start = ImportPosition(card: 1, line: 1, offset: 0)

    package init(card: Int, line: Int, offset: Int) {
        self.card = card
        self.line = line
        self.offset = offset
    }
}
