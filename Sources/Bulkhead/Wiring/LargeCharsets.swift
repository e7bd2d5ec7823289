internal import Foundation
internal import VCard

/// The character sets whose tables Foundation has and `VCard` does not.
struct LargeCharsets: CharacterDecoder {
    func decode(_ bytes: [UInt8], charset: String) -> String? {
        let name = charset.filter { $0.isLetter || $0.isNumber }
        guard let encoding = Self.encodings[name] else { return nil }
        return String(data: Data(bytes), encoding: encoding)
    }

    /// By name without punctuation, in upper case.
    private static let encodings: [String: String.Encoding] = {
        var encodings: [String: String.Encoding] = [
            "ISO2022JP": .iso2022JP, "EUCJP": .japaneseEUC, "XEUCJP": .japaneseEUC, "UTF16": .utf16,
            "UTF16LE": .utf16LittleEndian, "UTF16BE": .utf16BigEndian, "UTF32": .utf32,
        ]
        // Apple's numbers of encodings (CFStringEncodingExt.h), which Foundation takes with its highest bit set.
        let numbers: [(number: UInt, names: [String])] = [
            (0x0420, ["SHIFTJIS", "SJIS", "XSJIS", "CP932", "WINDOWS31J", "MS932"]),
            (0x0422, ["EUCKR", "KSC56011987", "CP949", "WINDOWS949"]),
            (0x0632, ["GB18030", "GBK", "GB2312", "EUCCN", "CP936", "WINDOWS936"]),
            (0x0423, ["BIG5", "CP950", "WINDOWS950"]), (0x0A06, ["BIG5HKSCS"]), (0x0931, ["EUCTW"]),
            (0x0A08, ["KOI8U"]), (0x041D, ["TIS620", "WINDOWS874", "CP874", "ISO885911"]), (0x0203, ["ISO88593"]),
            (0x0204, ["ISO88594"]), (0x020A, ["ISO885910"]), (0x020D, ["ISO885913"]), (0x020E, ["ISO885914"]),
            (0x0210, ["ISO885916"]), (0x0400, ["IBM437", "CP437"]), (0x0410, ["IBM850", "CP850"]),
            (0x0419, ["IBM866", "CP866"]),
        ]
        for (number, names) in numbers {
            for name in names { encodings[name] = String.Encoding(rawValue: 0x8000_0000 | number) }
        }
        return encodings
    }()
}
