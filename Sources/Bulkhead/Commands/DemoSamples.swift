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
}
