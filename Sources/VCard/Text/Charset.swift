/// A character set as a card or a setting names it.
enum Charset: Hashable, Sendable {
    case utf8
    case singleByte([UInt16])
    case latin1
    /// Needs a ``CharacterDecoder``; the name is in upper case.
    case larger(String)

    /// `nil` for a name that nobody knows.
    ///
    /// US-ASCII counts as UTF-8, which contains it.
    init?(named name: String) {
        let upper = name.uppercased()
        let key = upper.filter { $0.isLetter || $0.isNumber }
        if let known = Self.known[key] {
            self = known
        } else if Self.largerNames.contains(key) {
            self = .larger(upper)
        } else {
            return nil
        }
    }

    private static let known: [String: Charset] = [
        "UTF8": .utf8, "USASCII": .utf8, "ASCII": .utf8, "ISO646US": .utf8,
        "ISO88591": .latin1, "LATIN1": .latin1, "L1": .latin1,
        "ISO88592": .singleByte(SingleByteTables.iso8859Part2), "LATIN2": .singleByte(SingleByteTables.iso8859Part2),
        "ISO88595": .singleByte(SingleByteTables.iso8859Part5), "ISO88596": .singleByte(SingleByteTables.iso8859Part6),
        "ISO88597": .singleByte(SingleByteTables.iso8859Part7), "ISO88598": .singleByte(SingleByteTables.iso8859Part8),
        "ISO88599": .singleByte(SingleByteTables.iso8859Part9), "LATIN5": .singleByte(SingleByteTables.iso8859Part9),
        "ISO885915": .singleByte(SingleByteTables.iso8859Part15),
        "LATIN9": .singleByte(SingleByteTables.iso8859Part15), "KOI8R": .singleByte(SingleByteTables.koi8R),
        "WINDOWS1250": .singleByte(SingleByteTables.windows1250), "CP1250": .singleByte(SingleByteTables.windows1250),
        "WINDOWS1251": .singleByte(SingleByteTables.windows1251), "CP1251": .singleByte(SingleByteTables.windows1251),
        "WINDOWS1252": .singleByte(SingleByteTables.windows1252), "CP1252": .singleByte(SingleByteTables.windows1252),
        "WINDOWS1253": .singleByte(SingleByteTables.windows1253), "CP1253": .singleByte(SingleByteTables.windows1253),
        "WINDOWS1254": .singleByte(SingleByteTables.windows1254), "CP1254": .singleByte(SingleByteTables.windows1254),
        "WINDOWS1255": .singleByte(SingleByteTables.windows1255), "CP1255": .singleByte(SingleByteTables.windows1255),
        "WINDOWS1256": .singleByte(SingleByteTables.windows1256), "CP1256": .singleByte(SingleByteTables.windows1256),
        "WINDOWS1257": .singleByte(SingleByteTables.windows1257), "CP1257": .singleByte(SingleByteTables.windows1257),
        "WINDOWS1258": .singleByte(SingleByteTables.windows1258), "CP1258": .singleByte(SingleByteTables.windows1258),
    ]

    /// Sets that exist but whose tables would be larger than this module.
    private static let largerNames: Set<String> = [
        "SHIFTJIS", "SJIS", "XSJIS", "CP932", "WINDOWS31J", "MS932", "EUCJP", "XEUCJP", "ISO2022JP", "EUCKR",
        "KSC56011987",
        "CP949", "WINDOWS949", "ISO2022KR", "GB2312", "GBK", "GB18030", "CP936", "WINDOWS936", "HZGB2312", "EUCCN",
        "EUCTW", "BIG5", "BIG5HKSCS", "CP950", "WINDOWS950", "TIS620", "WINDOWS874", "CP874", "ISO885911", "UTF7",
        "UTF16", "UTF16LE", "UTF16BE", "UTF32", "KOI8U", "ISO88593", "ISO88594", "ISO885910", "ISO885913",
        "ISO885914", "ISO885916", "MACINTOSH", "IBM437", "CP437", "IBM850", "CP850", "IBM866", "CP866",
    ]
}

/// What the decoding of a text came across.
struct TextFindings: OptionSet {
    var rawValue: UInt8

    /// Neither UTF-8 nor declared: the fallback was used.
    static let guessed = TextFindings(rawValue: 1)
    /// Some bytes stand for nothing and became U+FFFD.
    static let invalid = TextFindings(rawValue: 2)
    /// The declared set needs a decoder that is not there.
    static let unsupported = TextFindings(rawValue: 4)
    static let unknown = TextFindings(rawValue: 8)
    /// Characters of category Cc, apart from tab and line feed.
    static let controls = TextFindings(rawValue: 16)
    static let badQuotedPrintable = TextFindings(rawValue: 32)

    static let codes: [(TextFindings, Code)] = [
        (.unknown, .charsetUnknown), (.unsupported, .charsetUnsupported), (.guessed, .charsetGuessed),
        (.invalid, .invalidBytes), (.controls, .controlCharacters), (.badQuotedPrintable, .badQP),
    ]
}
