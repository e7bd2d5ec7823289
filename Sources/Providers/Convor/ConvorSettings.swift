package import HTTPTypes
package import ProviderKit

/// Settings of one Convor account, which is one organization.
package struct ConvorSettings: Sendable {
    /// Required: the documentation shows a placeholder only (`reference/providers.md` 3.1).
    package var baseURL: BaseURL
    package var token: Secret
    /// How operators are assigned; `nil`, the default, makes the command `unsupported`, as the call is not documented.
    package var assign: Assign?
    /// Path of the call that reads a conversation, with `{id}`; `nil`, the default, for none: it is not documented.
    package var readPath: String?

    /// The call that assigns an operator to a conversation.
    package struct Assign: Hashable, Sendable {
        /// Below the base URL, with `{id}` for the conversation, as `/api/conversations/{id}/assign`.
        package var path: String
        /// The member of the body that takes the operator's id.
        package var field: String
        package var method: HTTPRequest.Method

        package init(path: String, field: String, method: HTTPRequest.Method = .post) {
            self.path = path
            self.field = field
            self.method = method
        }
    }

    package init(baseURL: BaseURL, token: Secret) {
        self.baseURL = baseURL
        self.token = token
    }
}
