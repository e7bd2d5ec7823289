import HTTPTypes
import Messages
import ProviderKit
import Providers
import TestSupport
import Testing
import VCard

private let sara = ContactUpload(
    card: "BEGIN:VCARD\nFN:\"Sara\"\nEND:VCARD",
    displayName: "Sara Ali",
    firstName: "Sara",
    lastName: "Ali",
    phone: "+966500111222",
    email: "sara@example.com",
    organization: "Example Co",
    title: nil,
    language: "ar-SA",
    country: "sa"
)

private func single() -> Hatif {
    var settings = HatifSettings(credential: HatifCredential(clientID: "a", clientSecret: Secret("b-secret")))
    settings.importMode = .single
    return Hatif(settings)
}

@Suite struct HatifContactsTests {
    @Test func `cards go as a list of texts`() throws {
        let request = try hatif().request(importing: [sara, sara])
        #expect(request.head.path == "/v1/contacts/import/vcards")
        #expect(request.head.headerFields[.contentType] == "application/json")
        #expect(request.head.headerFields[.accept] == "application/json")
        let card = #""BEGIN:VCARD\nFN:\"Sara\"\nEND:VCARD""#
        #expect(request.text == "{\"VCards\":[\(card),\(card)]}")
        #expect(hatif().importLimits == ImportLimits(cards: 50, bytes: 524_288))
    }

    @Test func `contact calls ask for their own credential where there is one`() throws {
        let other = hatif(contacts: HatifCredential(clientID: "d", clientSecret: Secret("e")))
        #expect(try other.request(importing: [sara]).credential == .contacts)
        #expect(try other.lookupRequest(for: sara, skip: 0)?.credential == .contacts)
        #expect(try hatif().request(importing: [sara]).credential == .main)
    }

    @Test func `a single contact is written by its fields`() throws {
        let request = try single().request(importing: [sara])
        #expect(
            request.text
                == #"{"Name":"Sara Ali","PhoneNumber":"+966500111222","Email":"sara@example.com","Company":"Example Co","Position":null}"#
        )
        #expect(single().importLimits.cards == 1)
        #expect(throws: EncodingFailure.self) { try single().request(importing: [sara, sara]) }
        #expect(throws: EncodingFailure.self) { try hatif().request(importing: []) }
    }

    @Test(
        arguments: [
            (200, 2, Answer.Verdict.done, false), (400, 2, .refused, true), (413, 2, .refused, true),
            (422, 2, .refused, true),
            (400, 1, .refused, false), (409, 2, .refused, false), (500, 2, .failed, false), (429, 2, .throttled, false),
            (403, 2, .forbidden, false),
        ] as [(Int, Int, Answer.Verdict, Bool)]
    )
    func `a refused batch is halved and a refused card is not`(
        status: Int,
        cards: Int,
        verdict: Answer.Verdict,
        splits: Bool
    ) {
        let answer = hatif().answer(importing: Array(repeating: sara, count: cards), ProviderResponse(status, ""))
        #expect(answer.answer.verdict == verdict)
        #expect(answer.splits == splits)
    }

    @Test(
        arguments: [
            (#"{"id":"c-1","name":"x"}"#, "c-1"), (#"{"id":{"id":"c-1"}}"#, "c-1"), (#"{"contactId":"c-1"}"#, "c-1"),
            ("{}", nil),
            ("", nil), ("[]", nil),
        ] as [(String, String?)]
    )
    func `the id of a created contact is found in every shape seen`(body: String, id: String?) {
        let answer = single().answer(importing: [sara], ProviderResponse(200, body))
        #expect(answer.answer.verdict == .done)
        #expect(answer.contactID == id)
    }

    @Test(
        arguments: [
            (#"{"totalCount":1,"items":[{"id":"c","phoneNumber":"966 500-111222"}]}"#, LookupAnswer.present(id: "c")),
            (#"{"TotalCount":1,"Items":[{"Id":"c","PhoneNumber":"+966500111222"}]}"#, .present(id: "c")),
            (#"{"totalCount":1,"items":[{"id":"c","phoneNumber":"+9665001112223"}]}"#, .absent),
            (#"{"totalCount":0,"items":[]}"#, .absent), (#"{"items":[]}"#, .absent),
            (#"{"totalCount":9,"items":[{"id":"c","phoneNumber":null}]}"#, .more(skip: 1)),
        ] as [(String, LookupAnswer)]
    )
    func `a contact is absent only after the last row`(body: String, expected: LookupAnswer) {
        #expect(hatif().lookupAnswer(for: sara, skip: 0, ProviderResponse(200, body)) == expected)
    }

    @Test(arguments: ["{}", "", "[]", "<html></html>"])
    func `a lookup that cannot be read says neither`(body: String) {
        guard case .answer(let answer) = hatif().lookupAnswer(for: sara, skip: 0, ProviderResponse(200, body)) else {
            Issue.record("\(body) was read")
            return
        }
        #expect(answer.verdict == .failed)
    }

    @Test func `a lookup asks for digits, page by page`() throws {
        let request = try #require(try hatif().lookupRequest(for: sara, skip: 200))
        #expect(request.head.path == "/v1/contacts?SkipCount=200&MaxResultCount=200&phoneNumber=966500111222")
        #expect(request.pathScope == "GET /v1/contacts")
    }
}

@Suite struct AelystContactsTests {
    @Test func `a card becomes an upsert that leaves out what it does not say`() throws {
        let request = try aelyst { $0.organizationField = "Company" }.request(importing: [sara])
        #expect(request.head.path == "/v1/contact/create_or_update/phone:%2B966500111222")
        #expect(
            request.text
                == #"{"firstName":"Sara","lastName":"Ali","phone":"+966500111222","email":"sara@example.com","#
                + #""language":"ar","countryCode":"SA","custom_fields":[{"name":"Company","value":"Example Co"}]}"#
        )
        #expect(request.endpoint == "POST /contact/create_or_update/{identifier}")
    }

    @Test func `labels go where the workspace has a field for them`() throws {
        var labelled = ContactUpload(card: "", displayName: "A", phone: "+1", labels: ["vip", "a b"])
        let with = aelyst { $0.labelsField = "Labels" }
        #expect(with.takesLabels)
        #expect(
            try with.request(importing: [labelled]).text
                == #"{"firstName":"A","phone":"+1","custom_fields":[{"name":"Labels","value":"vip, a b"}]}"#
        )
        labelled.labels = []
        #expect(try with.request(importing: [labelled]).text == #"{"firstName":"A","phone":"+1"}"#)
        #expect(!aelyst().takesLabels)
        #expect(!hatif().takesLabels)
    }

    @Test func `custom fields are sent only where the settings name them`() throws {
        #expect(try !aelyst().request(importing: [sara]).text.contains("custom_fields"))
    }

    @Test(arguments: [
        (ContactUpload(card: "", displayName: "", phone: "+1"), "phone:%2B1", #"{"firstName":"+1","phone":"+1"}"#),
        (
            ContactUpload(card: "", displayName: "D E", lastName: "E", email: "a@b", language: "deu", country: "DEU"),
            "email:a%40b", #"{"firstName":"D E","email":"a@b"}"#
        ),
    ])
    func `the required name falls back to what there is`(contact: ContactUpload, segment: String, body: String) throws {
        let request = try aelyst().request(importing: [contact])
        #expect(request.head.path == "/v1/contact/create_or_update/\(segment)")
        #expect(request.text == body)
    }

    @Test func `a contact without phone and e-mail address has no place in a path`() {
        #expect(throws: EncodingFailure.self) {
            try aelyst().request(importing: [ContactUpload(card: "", displayName: "A")])
        }
    }

    @Test(
        arguments: [
            (200, #"{"contactId":5}"#, Answer.Verdict.done, "5"), (200, "{}", .done, nil), (400, "", .refused, nil),
            (449, "", .queued, nil), (429, "", .throttled, nil), (200, "<html>", .failed, nil),
        ] as [(Int, String, Answer.Verdict, String?)]
    )
    func `an upsert's answer is read leniently`(status: Int, body: String, verdict: Answer.Verdict, id: String?) {
        let answer = aelyst().answer(importing: [sara], ProviderResponse(status, body))
        #expect(answer.answer.verdict == verdict)
        #expect(answer.contactID == id)
        #expect(!answer.splits)
    }

    @Test func `an upsert needs no lookup before it is sent again`() throws {
        let request = try aelyst().lookupRequest(for: sara, skip: 0)
        #expect(request?.endpoint == nil)
    }
}

@Suite struct ContactUploadTests {
    @Test func `an upload takes the preferred number that can be dialled`() {
        let contact = Contact(
            displayName: "Sara Ali",
            name: Contact.Name(family: "Ali", given: "Sara"),
            phones: [
                Contact.Phone(raw: "*99", reason: .shortCode, pref: true),
                Contact.Phone(raw: "050", e164: "+966500111222"), Contact.Phone(raw: "051", e164: "+966511111222"),
            ],
            emails: [Contact.Email(address: "a@b.c", pref: true), Contact.Email(address: "d@e.f")],
            organization: "Example Co",
            title: "Head",
            addresses: [Contact.Address(country: "Saudi Arabia"), Contact.Address(country: "sa")],
            language: "ar-SA"
        )
        let expected = ContactUpload(
            card: VCardWriter.write(contact),
            displayName: "Sara Ali",
            firstName: "Sara",
            lastName: "Ali",
            phone: "+966500111222",
            email: "a@b.c",
            organization: "Example Co",
            title: "Head",
            language: "ar-SA",
            country: "SA"
        )
        #expect(ContactUpload(contact) == expected)
        #expect(ContactUpload(contact, labels: ["vip"]).labels == ["vip"])
    }

    @Test func `what a contact lacks is absent`() {
        let contact = Contact(displayName: "Sara")
        #expect(ContactUpload(contact) == ContactUpload(card: VCardWriter.write(contact), displayName: "Sara"))
    }
}
