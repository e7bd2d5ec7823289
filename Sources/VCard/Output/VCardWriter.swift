/// Writes contacts as the cards that providers take (`reference/vcard.md` 9).
///
/// Version 3.0 with LF and without folding, in the form that WhatsApp exports. What is written reads back as it was; not
/// written are what no provider takes and a phone's extension, which would be taken for a part of the number.
package enum VCardWriter {
    package static func write(_ contact: Contact) -> String {
        var card = "BEGIN:VCARD\nVERSION:3.0\n"
        let name = contact.name
        card += "N:" + structured([name.family, name.given, name.additional, name.prefix, name.suffix]) + "\n"
        card += "FN:" + escaped(contact.displayName) + "\n"
        if contact.organization != nil || !contact.units.isEmpty {
            card += "ORG:" + structured([contact.organization ?? ""] + contact.units) + "\n"
        }
        if let title = contact.title { card += "TITLE:" + escaped(title) + "\n" }
        for phone in contact.phones { card += line(phone) + "\n" }
        for email in contact.emails {
            card += "EMAIL" + types(email.types, isPreferred: email.pref) + ":" + escaped(email.address) + "\n"
        }
        for note in contact.notes { card += "NOTE:" + escaped(note) + "\n" }
        return card + "END:VCARD"
    }

    /// The digits stand twice because it is not known which of the two a provider reads.
    private static func line(_ phone: Contact.Phone) -> String {
        let head = "TEL" + types(phone.types, isPreferred: phone.pref)
        guard let e164 = phone.e164 else { return head + ":" + escaped(phone.raw) }
        return head + ";waid=" + e164.dropFirst() + ":" + e164
    }

    private static func types(_ kinds: [Contact.Kind], isPreferred: Bool) -> String {
        kinds.map { ";type=" + $0.rawValue.uppercased() }.joined() + (isPreferred ? ";type=PREF" : "")
    }

    private static func structured(_ components: [String]) -> String {
        components.map(escaped).joined(separator: ";")
    }

    /// Escapes what has a meaning in RFC 2426 and leaves control characters out.
    private static func escaped(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\\", ",", ";": result.append(contentsOf: ["\\", scalar])
            case "\n": result.append(contentsOf: ["\\", "n"])
            case "\t": result.append(scalar)
            case "\u{0}"..<" ", "\u{7F}"..<"\u{A0}": continue
            default: result.append(scalar)
            }
        }
        return String(result)
    }
}
