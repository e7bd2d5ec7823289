internal import Messages

/// The sample commands of `bulkhead demo`: good ones for all providers, and one of each kind of bad one.
enum DemoSamples {
    /// The address of a conversation: the same number is the same conversation.
    private static func conversation(_ number: Int) -> String {
        let digits = String(number, radix: 16)
        return "3a1a4cb7-e7c1-f045-127b-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    private static func event(_ id: String, _ type: String, _ data: String) -> String {
        """
        {"specversion":"1.0","type":"bulkhead.conversation.\(type).v1","source":"/demo","id":"\(id)",\
        "data":\(data)}
        """
    }

    static func commands() -> [String] {
        var lines: [String] = []
        for number in 1...140 {
            let target = #""provider":"hatif","account":"main","conversation":"\#(conversation(number % 45))""#
            switch number % 7 {
            case 0: lines.append(event("h-\(number)", "unassign", "{\(target)}"))
            case 1, 4:
                lines.append(
                    event("h-\(number)", "assign", #"{\#(target),"assignee":{"aiAgent":"agent-\#(number % 3)"}}"#)
                )
            default:
                lines.append(event("h-\(number)", "assign", #"{\#(target),"assignee":{"user":"user-\#(number % 5)"}}"#))
            }
        }
        for number in 1...120 {
            let contact = number % 3 == 0 ? "phone:+6012\(1_000_000 + number)" : "id:\(1_000 + number % 60)"
            let target = #""provider":"aelyst","account":"main","contact":"\#(contact)""#
            switch number % 5 {
            case 0: lines.append(event("a-\(number)", "unassign", "{\(target)}"))
            case 1:
                lines.append(event("a-\(number)", "assign", #"{\#(target),"assignee":{"email":"agent@example.com"}}"#))
            default:
                lines.append(event("a-\(number)", "assign", #"{\#(target),"assignee":{"user":\#(number % 9 + 1)}}"#))
            }
        }
        for number in 1...60 {
            let target = #""provider":"convor","account":"main","conversation":"\#(conversation(0x1_0000 + number))""#
            lines.append(
                number % 4 == 0
                    ? event("c-\(number)", "assign", #"{\#(target),"assignee":{"user":"operator-\#(number % 3)"}}"#)
                    : event("c-\(number)", "unassign", "{\(target)}")
            )
        }
        // Not there: the simulator answers 404 to it.
        for number in 1...6 {
            let target = #""provider":"hatif","account":"main","conversation":"\#(missingConversation)""#
            lines.append(event("h-missing-\(number)", "unassign", "{\(target)}"))
        }
        return lines + bad()
    }

    static let missingConversation = "ffffffff-ffff-4fff-8fff-ffffffffffff"

    /// Each of these ends as `rejected`, and its outcome says which field, what was found and what is allowed.
    private static func bad() -> [String] {
        let good = #""provider":"hatif","account":"main","conversation":"\#(conversation(1))""#
        return [
            "this is not JSON",
            "[1, 2, 3]",
            #"{"type":"bulkhead.conversation.assign.v1"}"#,
            event("b-type", "reassign", "{\(good)}"),
            event("b-no-assignee", "assign", "{\(good)}"),
            event("b-both", "assign", #"{\#(good),"assignee":{"user":"u","aiAgent":"a"}}"#),
            event("b-extra", "unassign", #"{\#(good),"urgent":true}"#),
            event("b-uuid", "unassign", #"{"provider":"hatif","account":"main","conversation":"12"}"#),
            event("b-provider", "unassign", #"{"provider":"nobody","conversation":"\#(conversation(1))"}"#),
            event(
                "b-account",
                "unassign",
                #"{"provider":"hatif","account":"other","conversation":"\#(conversation(1))"}"#
            ),
            event("b-kind", "assign", #"{\#(good),"assignee":{"email":"a@example.com"}}"#),
            event(
                "b-target",
                "unassign",
                #"{"provider":"aelyst","account":"main","conversation":"\#(conversation(1))"}"#
            ),
            event("b-expiry", "unassign", "{\(good)}").replacing(#""data""#, with: #""expirytime":"yesterday","data""#),
        ]
    }

    /// Cards as phones and address books write them, good ones and some of each kind that is not imported.
    static func vcards() -> String {
        var cards = [
            // A phone of 2005: version 2.1, quoted-printable, national digits in the parameters' old style.
            [
                "VERSION:2.1", "N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:Gro=C3=9F;J=C3=BCrgen",
                "TEL;CELL;PREF:+49 151 2345 6789",
            ],
            // An iPhone: groups with labels.
            [
                "VERSION:3.0", "N:Al-Harbi;Sara;;;", "FN:Sara Al-Harbi", "ORG:Example Co;Sales",
                "item1.TEL:+966 50 011 1222", "item1.X-ABLabel:_$!<Mobile>!$_", "EMAIL;TYPE=INTERNET:sara@example.com",
            ],
            // WhatsApp: the digits in waid.
            ["VERSION:3.0", "FN:Omar", "TEL;type=CELL;waid=966500111333:+966 50 011 1333"],
            // Version 4.0 with a telephone URI and a date without a year.
            ["VERSION:4.0", "FN:Mei Ling", "TEL;VALUE=uri;TYPE=\"cell,voice\":tel:+60-12-123-3112", "BDAY:--0509"],
            // A national number: the import's defaultCountry says whose.
            ["VERSION:3.0", "FN:Khalid", "TEL;TYPE=CELL:050 011 1444"],
            // A duplicate of Sara's card.
            ["VERSION:3.0", "N:Al-Harbi;Sara;;;", "FN:Sara Al-Harbi", "TEL:+966500111222", "EMAIL:sara@example.com"],
            // A list of people is no person.
            ["VERSION:4.0", "KIND:group", "FN:Everybody", "MEMBER:urn:uuid:03a0e51f-d1aa-4385-8a53-e29025acd8af"],
            // Nothing to make a contact of.
            ["VERSION:3.0", "NOTE:see the other card"],
        ]
        for number in 1...60 {
            cards.append(["VERSION:3.0", "FN:Contact \(number)", "TEL;TYPE=WORK:+9665\(10_000_000 + number)"])
        }
        return cards.map { (["BEGIN:VCARD"] + $0 + ["END:VCARD", ""]).joined(separator: "\r\n") }.joined()
    }
}
