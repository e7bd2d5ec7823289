/// The calls that the simulator knows, as method and path template.
enum Endpoint: String, Sendable {
    case hatifToken = "POST /connect/token"
    case hatifAssign = "POST /v2/conversations/service-account/{id}/assign"
    case hatifConversation = "GET /v2/conversations/service-account/{id}"
    case hatifTimeline = "GET /v2/conversations/service-account/{id}/timeline"
    case hatifCreateConversation = "POST /v2/conversations/service-account/create"
    case hatifList = "GET /v2/conversations/service-account/channels/{id}"
    case hatifChannels = "GET /v1/channels/service-account"
    case hatifUsers = "GET /v1/workspaces/users"
    case hatifImport = "POST /v1/contacts/import/vcards"
    case hatifContacts = "GET /v1/contacts"
    case hatifCreateContact = "POST /v1/contacts"
    case hatifSearchContacts = "POST /v1/contacts/search"
    case hatifContact = "GET /v1/contacts/{id}"
    case hatifContactHistory = "GET /v1/contacts/{id}/history"
    case hatifUpdateContact = "PUT /v1/contacts/{id}"
    case hatifDeleteContact = "DELETE /v1/contacts/{id}"
    case aelystAssign = "POST /contact/{id}/conversation/assignee"
    case aelystStatus = "POST /contact/{id}/conversation/status"
    case aelystContact = "GET /contact/{id}"
    case aelystCreate = "POST /contact/{id}"
    case aelystUpdate = "PUT /contact/{id}"
    case aelystUpsert = "POST /contact/create_or_update/{id}"
    case aelystLifecycle = "POST /contact/{id}/lifecycle/update"
    case aelystList = "POST /contact/list"
    case aelystUsers = "GET /space/user"
    case aelystUser = "GET /space/user/{id}"
    case aelystFields = "GET /space/custom_field"
    case aelystCreateField = "POST /space/custom_field"
    case convorAssign = "POST assign"
    case convorUnassign = "POST /api/conversations/{id}/unassign"
    case unknown

    /// Whether Hatif's documentation wants a user's token here.
    var isHatifContacts: Bool {
        switch self {
        case .hatifImport, .hatifContacts, .hatifCreateContact, .hatifSearchContacts, .hatifContact,
            .hatifContactHistory, .hatifUpdateContact, .hatifDeleteContact:
            true
        default: false
        }
    }
}
