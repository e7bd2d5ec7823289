import HTTPTypes
package import Messages
package import ProviderKit

/// Contacts go in by the list of cards, or one by one (`reference/providers.md` 1.5 and 1.6).
extension Hatif: ContactImporting {
    /// No call documents a place for them.
    package var takesLabels: Bool { false }
    package var importLimits: ImportLimits {
        let cards = settings.importMode == .single ? 1 : max(settings.cardsPerRequest, 1)
        return ImportLimits(cards: cards, bytes: settings.bytesPerRequest)
    }

    package var delayAfterCreate: Duration { .zero }
    package var delayBeforeLookup: Duration { settings.reconcileDelay }

    package func target(of contact: ContactUpload) -> Target? { nil }

    package func request(importing contacts: [ContactUpload]) throws(EncodingFailure) -> ProviderRequest {
        guard let first = contacts.first else { throw EncodingFailure(field: "contacts", reason: "there are none") }
        switch settings.importMode {
        case .bulk:
            let body = jsonObject { $0.field("VCards", contacts.map(\.card)) }
            let path = "/v1/contacts/import/vcards"
            return settings.baseURL.call(.post, path, template: path, body: body, credential: self.contacts)
        case .single:
            guard contacts.count == 1, let phone = first.phone else {
                throw EncodingFailure(
                    field: "phone",
                    reason: "Hatif takes one contact at a time, with its phone number"
                )
            }
            let body = jsonObject { writer in
                writer.field("Name", first.displayName.isEmpty ? phone : first.displayName)
                writer.field("PhoneNumber", phone)
                writer.field("Email", first.email)
                writer.field("Company", first.organization)
                writer.field("Position", first.title)
            }
            return settings.baseURL.call(
                .post,
                "/v1/contacts",
                template: "/v1/contacts",
                body: body,
                credential: self.contacts
            )
        }
    }

    /// A 2xx says that the cards were taken in, and no more: counts and ids of its body are not documented.
    package func answer(importing contacts: [ContactUpload], _ response: ProviderResponse) -> ImportAnswer {
        let answer = reading(response)
        // One card can be why the others were refused or why there were too many bytes.
        let splits = contacts.count > 1 && [400, 413, 422].contains(response.head.status.code)
        guard answer.verdict == .done, settings.importMode == .single else {
            return ImportAnswer(answer, splits: splits)
        }
        let body = try? JSON(parsing: response.body)
        let id = body?.member("id")
        return ImportAnswer(
            answer,
            contactID: id?.identifier ?? id?.member("id")?.identifier ?? body?.member("contactId")?.identifier
        )
    }

    /// Reads contacts by phone number.
    ///
    /// The filter is known from observation only and may match in part or not at all: rows are compared here, and the
    /// list is read to its end before a contact counts as absent.
    package func lookupRequest(
        for contact: ContactUpload,
        skip: Int
    ) throws(EncodingFailure) -> ProviderRequest? {
        guard let phone = contact.phone else {
            throw EncodingFailure(field: "phone", reason: "a contact is looked up by its phone number")
        }
        let query = PercentEncoding.pairs([
            ("SkipCount", String(skip)), ("MaxResultCount", String(Self.lookupPageSize)),
            ("phoneNumber", Self.digits(phone)),
        ])
        return settings.baseURL.call(
            .get,
            "/v1/contacts?\(query)",
            template: "/v1/contacts",
            credential: self.contacts
        )
    }

    package func lookupAnswer(
        for contact: ContactUpload,
        skip: Int,
        _ response: ProviderResponse
    ) -> LookupAnswer {
        let body: JSON
        switch json(response) {
        case .failure(let answer): return .answer(answer)
        case .success(let json): body = json
        }
        guard let items = body.member("items")?.elements, let phone = contact.phone.map(Self.digits) else {
            return .answer(reader.unreadable(response))
        }
        for item in items where item.member("phoneNumber")?.text.map(Self.digits) == phone {
            return .present(id: item.member("id")?.identifier)
        }
        let next = skip &+ items.count
        if let total = body.member("totalCount")?.wholeNumber {
            return items.isEmpty || next >= total ? .absent : .more(skip: next)
        }
        return items.count < Self.lookupPageSize ? .absent : .more(skip: next)
    }

    /// Observed to be accepted: 200 to 500.
    private static let lookupPageSize = 200

    private static func digits(_ phone: String) -> String {
        phone.filter { $0.isASCII && $0.isNumber }
    }
}
