/// What was found in a card or a file, as a closed list.
///
/// Callers switch on these and count them; names and values never go with them.
package enum Code: String, Hashable, Sendable, CaseIterable {
    // The file.
    case noCards = "no_cards"
    case notAVCard = "not_a_vcard"
    case fileTooLarge = "file_too_large"
    case tooManyCards = "too_many_cards"
    // A card that is not imported.
    case emptyCard = "empty_card"
    case cardTooLarge = "card_too_large"
    case tooManyProperties = "too_many_properties"
    case groupCard = "group_card"
    case duplicateUID = "duplicate_uid"
    case duplicateContent = "duplicate_content"
    // Structure.
    case missingEnd = "missing_end"
    case truncated
    case strayEnd = "stray_end"
    case missingVersion = "missing_version"
    case unknownVersion = "unknown_version"
    case noColon = "no_colon"
    case textOutsideCard = "text_outside_card"
    case nestedCard = "nested_card"
    // Text.
    case charsetGuessed = "charset_guessed"
    case charsetUnknown = "charset_unknown"
    case charsetUnsupported = "charset_unsupported"
    case invalidBytes = "invalid_bytes"
    case controlCharacters = "control_characters"
    case badQP = "bad_qp"
    case badBase64 = "bad_base64"
    // Values.
    case badEmail = "bad_email"
    case badDate = "bad_date"
    case phoneNotE164 = "phone_not_e164"
    case waidMismatch = "waid_mismatch"
    case assumedInternational = "assumed_international"
    case valueTooLong = "value_too_long"
    case parametersDropped = "parameters_dropped"
    case nameMadeUp = "name_made_up"
    case possibleDuplicate = "possible_duplicate"

    /// Why a whole file is refused or left before its end.
    package var isFileError: Bool {
        switch self {
        case .noCards, .notAVCard, .fileTooLarge, .tooManyCards: true
        default: false
        }
    }
}

/// One finding, with where it was made and nothing of what was found.
package struct Warning: Hashable, Sendable {
    /// Counted from 1 in the order of BEGIN; `nil` between cards.
    package var card: Int?
    /// The physical line, counted from 1, on which the property or the fault begins.
    package var line: Int
    /// Of that line's first byte in the file, counted from 0.
    package var offset: Int
    package var code: Code
    /// In upper case, and only if the name is a known one or begins with `X-`: anything else may be somebody's name.
    package var property: String?
    /// Why a phone number has no E.164 form; with ``Code/phoneNotE164`` only.
    package var phoneReason: PhoneReason?

    package init(
        card: Int?,
        line: Int,
        offset: Int,
        code: Code,
        property: String? = nil,
        phoneReason: PhoneReason? = nil
    ) {
        self.card = card
        self.line = line
        self.offset = offset
        self.code = code
        self.property = property
        self.phoneReason = phoneReason
    }
}

/// How often each code was met.
package struct WarningTally: Hashable, Sendable {
    package private(set) var counts: [Code: Int] = [:]

    package init() {}

    package var total: Int { counts.values.reduce(0, +) }

    package subscript(code: Code) -> Int { counts[code, default: 0] }

    mutating func add(_ code: Code) { counts[code, default: 0] += 1 }

    mutating func add(_ other: WarningTally) {
        for (code, count) in other.counts { counts[code, default: 0] += count }
    }
}
