import Testing
import VCard

/// One faulty card between 500 and 500 good ones.
@Suite struct NeighbourTests {
    struct Fault: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var card: [UInt8]
        var outcome: String
        var code: Code?

        init(_ name: String, _ text: String, _ outcome: String, _ code: Code?) {
            testDescription = name
            card = bytes(text)
            self.outcome = outcome
            self.code = code
        }
    }

    private static let begin = "BEGIN:VCARD⏎VERSION:3.0⏎"
    private static let old = "BEGIN:VCARD⏎VERSION:2.1⏎N:bad⏎"

    static let faults: [Fault] = [
        Fault("END is missing", begin + "FN:bad⏎TEL:+4930⏎", "accepted", .missingEnd),
        Fault("it breaks off within a value", begin + "FN:bad⏎NOTE:half a", "accepted", .missingEnd),
        Fault("it breaks off within a soft line break", old + "NOTE;QUOTED-PRINTABLE:a=C3=⏎", "accepted", .missingEnd),
        Fault("it breaks off within base64", begin + "FN:bad⏎PHOTO;ENCODING=b:/9j/4AAQ⏎SkZJ⏎", "accepted", .missingEnd),
        Fault("it breaks off within a quoted parameter", begin + "FN:bad⏎TEL;X=\"a⏎", "accepted", .missingEnd),
        Fault("a soft line break comes before END", old + "NOTE;QUOTED-PRINTABLE:a=⏎END:VCARD⏎", "accepted", .badQP),
        Fault("END comes twice", begin + "FN:bad⏎END:VCARD⏎END:VCARD⏎", "accepted", nil),
        Fault("it is empty", begin + "END:VCARD⏎", "rejected", .emptyCard),
        Fault("it has nothing but BEGIN", "BEGIN:VCARD⏎", "rejected", .missingEnd),
        Fault("VERSION is missing", "BEGIN:VCARD⏎FN:bad⏎END:VCARD⏎", "accepted", .missingVersion),
        Fault("VERSION is unknown", "BEGIN:VCARD⏎VERSION:9⏎FN:bad⏎END:VCARD⏎", "accepted", .unknownVersion),
        Fault("lines have no colon", begin + "FN:bad⏎junk⏎more junk⏎END:VCARD⏎", "accepted", .noColon),
        Fault("bytes are of no character set", begin + "FN:bad<81><FF><00>⏎END:VCARD⏎", "accepted", .invalidBytes),
        Fault("base64 is broken", begin + "FN:bad⏎PHOTO;ENCODING=b:!!!!⏎END:VCARD⏎", "accepted", .badBase64),
        Fault("quoted-printable is broken", old + "NOTE;QUOTED-PRINTABLE:=ZZ=%⏎END:VCARD⏎", "accepted", .badQP),
        Fault("the e-mail address is none", begin + "FN:bad⏎EMAIL:none⏎END:VCARD⏎", "accepted", .badEmail),
        Fault("an agent has no END", old + "AGENT:⏎BEGIN:VCARD⏎N:a⏎END:VCARD⏎", "accepted", .missingEnd),
        Fault(
            "it has too many properties",
            begin + "FN:bad⏎" + String(repeating: "NOTE:x⏎", count: 2_001) + "END:VCARD⏎",
            "rejected",
            .tooManyProperties
        ),
        Fault(
            "a value is too long",
            begin + "FN:bad⏎NOTE:" + String(repeating: "x", count: 300_000) + "⏎END:VCARD⏎",
            "accepted",
            .valueTooLong
        ),
        Fault("it is a group", begin + "FN:bad⏎KIND:group⏎END:VCARD⏎", "skipped", .groupCard),
        Fault("it is a duplicate", begin + "FN:bad⏎UID:good-1⏎END:VCARD⏎", "duplicate", .duplicateUID),
    ]

    private func good(_ range: ClosedRange<Int>) -> [UInt8] {
        range.flatMap { card("N:Good;\($0);;;⏎TEL:+4930\(1_000_000 + $0)⏎UID:good-\($0)", name: "Good \($0)") }
    }

    @Test(arguments: faults)
    func `a faulty card costs none of its thousand neighbours`(fault: Fault) {
        let file = good(1...500) + fault.card + good(501...1_000)
        let result = imported(file, chunk: 4_096)
        #expect(result.contacts.map(\.displayName).filter { $0.hasPrefix("Good") } == (1...1_000).map { "Good \($0)" })
        #expect(result.cards.count == 1_001)
        let bad = result.cards.count > 500 ? result.cards[500] : nil
        #expect(bad?.outcome.name == fault.outcome)
        if let code = fault.code { #expect(bad?.warnings.map(\.code).contains(code) == true) }
        let others = result.cards.enumerated().filter { $0.offset != 500 }.map(\.element)
        #expect(others.allSatisfy { $0.warnings.isEmpty && $0.contact?.phones.count == 1 })
    }
}
