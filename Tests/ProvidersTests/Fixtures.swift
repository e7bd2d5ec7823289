import Messages
import ProviderKit
import Providers

let conversationID = "3a1a4cb7-e7c1-f045-127b-ad2297847528"
let conversation = Target.conversation(conversationID)
let contact = Target.contact(ContactIdentifier(kind: .id, value: "17"))

func hatif(contacts: HatifCredential? = nil) -> Hatif {
    var settings = HatifSettings(
        credential: HatifCredential(clientID: "abc", clientSecret: Secret("client-secret-9f8e7d"))
    )
    settings.contactsCredential = contacts
    return Hatif(settings)
}

func aelyst(_ change: (inout AelystSettings) -> Void = { _ in }) -> Aelyst {
    var settings = AelystSettings(token: Secret("aelyst-token-0123456789"))
    change(&settings)
    return Aelyst(settings)
}

func convor(_ change: (inout ConvorSettings) -> Void = { _ in }) -> Convor {
    var settings = ConvorSettings(
        baseURL: BaseURL(scheme: "https", authority: "convor.example"),
        token: Secret("convor-key-0123456789")
    )
    change(&settings)
    return Convor(settings)
}

let convorAssign = ConvorSettings.Assign(path: "/api/conversations/{id}/assign", field: "operatorId")

extension ProviderRequest {
    var text: String { String(decoding: body, as: UTF8.self) }
}
