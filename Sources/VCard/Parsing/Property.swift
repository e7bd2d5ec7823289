/// One parameter of a property; its texts stand in the card's storage.
package struct Parameter: Sendable {
    package var name: ParameterName
    var nameRange: ByteRange
    var value: ByteRange
}

/// One property of a card; its texts stand in the card's storage.
package struct Property: Sendable {
    package var name: PropertyName = .custom
    package var types: TypeSet = []
    package var encoding: Encoding = .plain
    /// 1 to 100, 1 first; 0 where none is given.
    ///
    /// `TYPE=pref` counts as 1.
    package var preference: UInt8 = 0
    /// Whether it is written in a way that only version 2.1 has.
    var isOldStyle = false
    var hasCharset = false
    /// Whether the value is said to be an address rather than the content.
    var isLocation = false
    var binary: BinaryContent?
    /// Physical line on which the property begins, counted from 1.
    package var line = 0
    /// Of that line's first byte, in the file.
    package var offset = 0
    var nameRange = ByteRange.empty
    var group = ByteRange.empty
    /// As it stands in the file, unfolded.
    var raw = ByteRange.empty
    var firstParameter: UInt32 = 0
    var parameterCount: UInt32 = 0
    var firstPiece: UInt32 = 0
    var pieceCount: UInt32 = 0

    /// Components of a structured value, items of a list, else one.
    package var count: Int { Int(pieceCount) }

    var mayHoldBase64: Bool { encoding == .base64 || name.shape == .binary }
}

/// What is known of a binary value whose bytes were not kept.
struct BinaryContent: Hashable, Sendable {
    /// Decoded.
    var bytes: Int
    /// Whether every character belongs to base64 and their number can be decoded.
    var isValid: Bool
    /// Whether there is nothing but white space, which is neither valid nor a fault.
    var isEmpty: Bool
    /// Said by the first bytes.
    var format: Format

    enum Format: UInt8, Sendable {
        case unknown, jpeg, png, gif, webP

        var mediaType: String? {
            switch self {
            case .unknown: nil
            case .jpeg: "image/jpeg"
            case .png: "image/png"
            case .gif: "image/gif"
            case .webP: "image/webp"
            }
        }
    }
}
