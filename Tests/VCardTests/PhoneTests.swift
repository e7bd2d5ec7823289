import Testing
import VCard

@Suite struct PhoneTests {
    private func check(_ text: String, _ e164: String?, _ reason: PhoneReason?, home: PhoneCountry?) {
        let result = PhoneRules(home: home).normalize(text)
        #expect(result.e164 == e164)
        #expect(result.reason == reason)
    }

    @Test(arguments: [
        ("+966 50 011 1222", "+966500111222"), ("tel:+1-201-555-0123", "+12015550123"),
        ("TEL:+1(201)555.0123", "+12015550123"), ("tel:5550123;phone-context=+1201", "+12015550123"),
        ("tel:+1-201-555-0123;phone-context=example.com", "+12015550123"), ("+49 (0) 30/1234-567", "+49301234567"),
        ("(+49) (0)30 1234567", "+49301234567"), ("\u{FF0B}\u{FF14}\u{FF19} 30 1234567", "+49301234567"),
        ("+٩٦٦ ٥٠ ٠١١ ١٢٢٢", "+966500111222"), ("+49\u{2011}30\u{2013}1234567", "+49301234567"),
        ("\u{202A}+49 30 1234567\u{202C}", "+49301234567"), ("+49\u{A0}30\u{A0}1234567", "+49301234567"),
        ("+2907999", "+2907999"), ("+123456789012345", "+123456789012345"), ("+[49] {30} 1234567", "+49301234567"),
    ])
    func `an international number needs no home`(text: String, e164: String) {
        check(text, e164, nil, home: nil)
        check(text, e164, nil, home: saudiArabia)
    }

    @Test(arguments: [
        ("ask Jenny", PhoneReason.notANumber), ("+1-800-FLOWERS", .notANumber), ("sip:jo@example.com", .notANumber),
        ("jo@example.com", .notANumber), ("sip:12345678", .notANumber), ("+49+30123456", .notANumber),
        ("-", .notANumber),
        ("+", .notANumber), ("+49 30 ½ 123456", .notANumber), ("+123456", .badLength),
        ("+1234567890123456", .badLength),
        ("+9991234567", .unknownCallingCode), ("+0491234567", .unknownCallingCode),
        ("+2101234567", .unknownCallingCode),
        ("0501234567", .needsCountry), ("00966501234567", .needsCountry), ("112", .shortCode), ("*123#", .shortCode),
        ("*#06#", .shortCode), ("#31#+4930123456", .shortCode),
    ])
    func `what cannot be told has a reason`(text: String, reason: PhoneReason) {
        check(text, nil, reason, home: nil)
    }

    @Test(
        arguments: [
            ("0501234567", "+966501234567", nil), ("501234567", "+966501234567", nil),
            ("050-123-4567", "+966501234567", nil),
            ("٠٥٠١٢٣٤٥٦٧", "+966501234567", nil), ("00966501234567", "+966501234567", nil),
            ("00 49 30 1234567", "+49301234567", nil), ("966501234567", "+966501234567", nil),
            ("05012345", nil, .badLength), ("12345", nil, .shortCode), ("0012", nil, .badLength),
            ("00999123456789", nil, .unknownCallingCode),
        ] as [(String, String?, PhoneReason?)]
    )
    func `a home country helps with national numbers`(text: String, e164: String?, reason: PhoneReason?) {
        check(text, e164, reason, home: saudiArabia)
    }

    @Test func `a number without plus that begins with the calling code is assumed to be international`() {
        let rules = PhoneRules(home: saudiArabia)
        #expect(rules.normalize("966501234567").isAssumed)
        #expect(!rules.normalize("+966501234567").isAssumed)
        #expect(!rules.normalize("0501234567").isAssumed)
        #expect(imported(card("TEL:966501234567"), home: saudiArabia).codes == [.assumedInternational])
    }

    @Test func `a number with two readings has none`() {
        let germany = PhoneCountry(
            callingCode: "49",
            trunkPrefix: "0",
            internationalPrefix: "00",
            nationalLengths: Set(7...11)
        )
        check("49301234567", nil, .ambiguous, home: germany)
        check("030 1234567", "+49301234567", nil, home: germany)
    }

    @Test func `trunk prefixes are the country's own`() {
        let country = { PhoneCountry(callingCode: $0, trunkPrefix: $1, internationalPrefix: "00", nationalLengths: $2) }
        check("0612345678", "+390612345678", nil, home: country("39", "", [9, 10]))
        check("8 912 345-67-89", "+79123456789", nil, home: country("7", "8", [10]))
        check("06 1 234 5678", "+3612345678", nil, home: country("36", "06", [8, 9]))
        check("1 201 555 0123", "+12015550123", nil, home: country("1", "1", [10]))
        check("201 555 0123", "+12015550123", nil, home: country("1", "1", [10]))
    }

    @Test(arguments: [
        ("+49 30 1234567 x22", "22"), ("+49 30 1234567 ext. 22", "22"), ("+49 30 1234567 #22", "22"),
        ("+49 30 1234567 Extension 022", "022"), ("tel:+49-30-1234567;ext=22", "22"), ("+49301234567x22", "22"),
        ("+49 30 1234567 Ext: 22", "22"),
    ])
    func `an extension goes to its own field`(text: String, ext: String) {
        let result = PhoneRules(home: nil).normalize(text)
        #expect(result.extension == ext)
        #expect(result.e164 == "+49301234567")
    }

    @Test(
        arguments: [
            ("+966 50 011 1222", "966500111222", "+966500111222", [Code]()),
            ("0500111222", "966500111222", "+966500111222", []),
            ("ask Jenny", "966500111222", "+966500111222", []),
            ("+966 50 011 1222", "966500111333", "+966500111222", [.waidMismatch]),
            ("+999 50 011 1222", "966500111333", "+966500111333", []),
            ("+966 50 011 1222", "nonsense", "+966500111222", []),
            ("0500111222", "12", nil, [.phoneNotE164]),
        ] as [(String, String, String?, [Code])]
    )
    func `WhatsApp's digits count where the value is not international`(
        value: String,
        waid: String,
        e164: String?,
        codes: [Code]
    ) {
        let result = imported(card("TEL;type=CELL;waid=\(waid):\(value)"))
        #expect(result.contact?.phones.first?.e164 == e164)
        #expect(result.contact?.phones.first?.raw == value)
        #expect(result.codes == codes)
    }

    @Test func `a number without E.164 form is kept with its reason`() {
        let result = imported(card("TEL:0501234567"))
        #expect(result.contact?.phones == [Contact.Phone(raw: "0501234567", reason: .needsCountry)])
        #expect(result.codes == [.phoneNotE164])
        #expect(result.cards.first?.warnings.first?.phoneReason == .needsCountry)
    }

    @Test func `exactly the assigned calling codes are known`() {
        let text = """
            1 7 20 27 30-34 36 39-41 43-49 51-58 60-66 81 82 84 86 90-95 98 211-213 216 218 220-258 260-269 290 291 297-299 \
            350-359 370-378 380-383 385-387 389 420 421 423 500-509 590-599 670 672-683 685-692 800 808 850 852 853 855 856 \
            870 878 880-883 886 888 960-968 970-977 979 992-996 998
            """
        var assigned: Set<String> = []
        for item in text.split(separator: " ") {
            let bounds = item.split(separator: "-").compactMap { Int($0) }
            for code in bounds[0]...bounds[bounds.count - 1] { assigned.insert(String(code)) }
        }
        let rules = PhoneRules(home: nil)
        for code in 100...999 {
            let digits = String(code)
            let isKnown = (1...digits.count).contains { assigned.contains(String(digits.prefix($0))) }
            #expect((rules.normalize("+\(code)00000000").e164 != nil) == isKnown, "\(code)")
        }
    }
}
