import HTTPTypes
package import Messages
package import ProviderKit

/// A card becomes one upsert (`reference/providers.md` 2.4), which may be sent again without harm.
extension Aelyst: ContactImporting {
    package var importLimits: ImportLimits { ImportLimits(cards: 1, bytes: .max) }
    package var delayAfterCreate: Duration { settings.createDelay }
    package var delayBeforeLookup: Duration { .zero }
    package var takesLabels: Bool { settings.labelsField != nil }

    package func target(of contact: ContactUpload) -> Target? { identifier(of: contact).map(Target.contact) }

    /// The phone number before the address: it is what a card nearly always has.
    private func identifier(of contact: ContactUpload) -> ContactIdentifier? {
        if let phone = contact.phone { return ContactIdentifier(kind: .phone, value: phone) }
        return contact.email.map { ContactIdentifier(kind: .email, value: $0) }
    }

    package func request(importing contacts: [ContactUpload]) throws(EncodingFailure) -> ProviderRequest {
        guard let contact = contacts.first, contacts.count == 1 else {
            throw EncodingFailure(field: "contacts", reason: "Aelyst takes one contact at a time")
        }
        guard let identifier = identifier(of: contact) else {
            throw EncodingFailure(field: "phone", reason: "Aelyst knows contacts by phone number or e-mail address")
        }
        return settings.baseURL.call(
            .post,
            "/contact/create_or_update/\(segment(identifier))",
            template: "/contact/create_or_update/{identifier}",
            body: body(contact, identifier)
        )
    }

    /// What a card does not say is left out: null in an update could erase what the contact has.
    private func body(_ contact: ContactUpload, _ identifier: ContactIdentifier) -> [UInt8] {
        // The name is required, and a number is better than no contact.
        let names = [contact.firstName, contact.displayName, contact.lastName, identifier.value]
        let labels = contact.labels.isEmpty ? nil : contact.labels.joined(separator: ", ")
        let fields = [
            (settings.organizationField, contact.organization), (settings.titleField, contact.title),
            (settings.labelsField, labels),
        ].compactMap { name, value in name.flatMap { name in value.map { (name, $0) } } }
        return jsonObject { writer in
            writer.field("firstName", names.compactMap { $0 }.first { !$0.isEmpty })
            writer.fieldIfPresent("lastName", contact.firstName?.isEmpty == false ? contact.lastName : nil)
            writer.fieldIfPresent("phone", contact.phone)
            writer.fieldIfPresent("email", contact.email)
            writer.fieldIfPresent("language", Self.twoLetters(contact.language)?.lowercased())
            writer.fieldIfPresent("countryCode", Self.twoLetters(contact.country)?.uppercased())
            guard !fields.isEmpty else { return }
            writer.key("custom_fields")
            writer.beginArray()
            for (name, value) in fields {
                writer.beginObject()
                writer.field("name", name)
                writer.field("value", value)
                writer.endObject()
            }
            writer.endArray()
        }
    }

    /// The two letters that a code begins with, before any `-`; Aelyst takes no other codes.
    private static func twoLetters(_ code: String?) -> String? {
        guard let head = code?.prefix(while: { $0 != "-" && $0 != "_" }), head.utf8.count == 2,
            head.allSatisfy({ $0.isASCII && $0.isLetter })
        else { return nil }
        return String(head)
    }

    package func answer(importing contacts: [ContactUpload], _ response: ProviderResponse) -> ImportAnswer {
        guard response.head.status.code != 449 else {
            return ImportAnswer(Answer(.queued, reader.detail(response)))
        }
        let answer = reader.answer(response)
        guard answer.verdict == .done, let body = try? JSON(parsing: response.body) else { return ImportAnswer(answer) }
        return ImportAnswer(answer, contactID: (body.member("contactId") ?? body.member("id"))?.identifier)
    }

    package func lookupRequest(
        for contact: ContactUpload,
        skip: Int
    ) throws(EncodingFailure) -> ProviderRequest? {
        nil
    }

    package func lookupAnswer(
        for contact: ContactUpload,
        skip: Int,
        _ response: ProviderResponse
    ) -> LookupAnswer {
        .answer(reader.answer(response))
    }
}
