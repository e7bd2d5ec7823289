import Messages
import Testing

struct JSONTests {
    private static let readable: [(String, JSON)] = [
        (" \t\r\n null ", JSON.null), ("true", .bool(true)), ("false", .bool(false)), ("0", .integer(0)),
        ("-0", .integer(0)), ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
        ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("0.1", .number(0.1)), ("1e2", .number(100)),
        ("-1.5E-3", .number(-0.0015)), ("5e-324", .number(.leastNonzeroMagnitude)), ("1e-400", .number(0)),
        ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)),
        (#""""#, .string("")), (#""\"\\\/\b\f\n\r\t""#, .string("\"\\/\u{8}\u{c}\n\r\t")),
        (#""\u0041\u00e9\u20AC\uD83D\uDE00\u0000""#, .string("Aé€😀\0")), (#""é€😀""#, .string("é€😀")),
        ("[]", .array([])), ("[1,[2],{}]", .array([.integer(1), .array([.integer(2)]), .object([])])),
        (#"{"b":1,"a":null}"#, .object([.init("b", .integer(1)), .init("a", .null)])),
    ]

    @Test(arguments: readable) func `a value of RFC 8259 is read`(text: String, value: JSON) throws {
        #expect(try JSON(parsing: utf8(text)) == value)
    }

    private static let unreadable: [(String, JSONError)] = [
        ("", JSONError(.unexpectedEnd, at: 0)), ("  ", JSONError(.unexpectedEnd, at: 2)),
        ("\u{FEFF}{}", JSONError(.unexpectedByte, at: 0)), ("nul", JSONError(.unexpectedEnd, at: 3)),
        ("nulL", JSONError(.unexpectedByte, at: 3)), ("1 2", JSONError(.trailingBytes, at: 2)),
        ("{}}", JSONError(.trailingBytes, at: 2)), ("[1,]", JSONError(.unexpectedByte, at: 3)),
        ("[1 2]", JSONError(.unexpectedByte, at: 3)), ("{\"a\":1,}", JSONError(.unexpectedByte, at: 7)),
        ("{a:1}", JSONError(.unexpectedByte, at: 1)), ("{\"a\" 1}", JSONError(.unexpectedByte, at: 5)),
        ("{'a':1}", JSONError(.unexpectedByte, at: 1)), ("NaN", JSONError(.unexpectedByte, at: 0)),
        ("01", JSONError(.invalidNumber, at: 0)), ("-", JSONError(.unexpectedEnd, at: 1)),
        ("-a", JSONError(.invalidNumber, at: 1)), ("1.", JSONError(.unexpectedEnd, at: 2)),
        (".5", JSONError(.unexpectedByte, at: 0)), ("+1", JSONError(.unexpectedByte, at: 0)),
        ("1e", JSONError(.unexpectedEnd, at: 2)), ("[1e+]", JSONError(.invalidNumber, at: 4)),
        ("1e999", JSONError(.numberOutOfRange, at: 0)), ("0x10", JSONError(.trailingBytes, at: 1)),
        ("\"a", JSONError(.unexpectedEnd, at: 2)), ("\"\t\"", JSONError(.controlCharacter, at: 1)),
        ("\"\\n\u{1}\"", JSONError(.controlCharacter, at: 3)), (#""\x41""#, JSONError(.invalidEscape, at: 2)),
        (#""\u12G4""#, JSONError(.invalidEscape, at: 5)), (#""\uD800""#, JSONError(.loneSurrogate, at: 2)),
        (#""\uD800\u0041""#, JSONError(.loneSurrogate, at: 2)), (#""\uDC00""#, JSONError(.loneSurrogate, at: 2)),
        (#"{"a":1,"b":2,"a":3}"#, JSONError(.duplicateKey, at: 13)),
        (#"{"a":1,"\u0061":2}"#, JSONError(.duplicateKey, at: 7)),
    ]

    @Test(arguments: unreadable) func `what is no JSON is refused where it goes wrong`(text: String, error: JSONError) {
        #expect(throws: error) { try JSON(parsing: utf8(text)) }
    }

    private static let notUTF8: [[UInt8]] = [
        [0xFF] as [UInt8], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80],
    ]

    @Test(arguments: notUTF8) func `bytes that are not UTF-8 are refused, with and without an escape before them`(
        bytes: [UInt8]
    ) {
        #expect(throws: JSONError(.invalidUTF8, at: 1)) { try JSON(parsing: utf8("\"") + bytes + utf8("\"")) }
        #expect(throws: JSONError.self) { try JSON(parsing: utf8("\"\\n") + bytes + utf8("\"")) }
    }

    @Test func `nesting ends at the documented depth`() throws {
        func nested(_ depth: Int) -> [UInt8] {
            utf8(String(repeating: "[", count: depth) + String(repeating: "]", count: depth))
        }
        _ = try JSON(parsing: nested(JSON.maximumDepth))
        #expect(throws: JSONError(.tooDeep, at: JSON.maximumDepth)) {
            try JSON(parsing: nested(JSON.maximumDepth + 1))
        }
        #expect(throws: JSONError.self) { try JSON(parsing: utf8(String(repeating: "{\"a\":[", count: 100_000))) }
    }

    @Test(arguments: [15, 16, 17, 40]) func `a duplicate is found among few keys and among many`(count: Int) {
        let keys = (0..<count).map { "\"k\($0)\":0" }.joined(separator: ",")
        #expect(throws: JSONError.self) { try JSON(parsing: utf8("{\(keys),\"k0\":1}")) }
        #expect(throws: Never.self) { try JSON(parsing: utf8("{\(keys),\"k\":1}")) }
    }

    @Test func `what is written is read as the same`() throws {
        let value = JSON.object([
            .init("text \"\\\n\u{1}\u{7f}é😀", .string("\u{0}\t\r/\"")), .init("", .string("")),
            .init("numbers", .array([.integer(.min), .integer(.max), .integer(0), .integer(-7), .number(0.1)])),
            .init("nested", .array([.array([]), .object([]), .null, .bool(true), .bool(false)])),
            .init("long", .string(String(repeating: "é\"", count: 5_000))),
        ])
        #expect(try JSON(parsing: value.encoded) == value)
        #expect(
            String(decoding: JSON.array([.number(.infinity), .number(1e21)]).encoded, as: UTF8.self) == "[null,1e+21]"
        )
    }
}
