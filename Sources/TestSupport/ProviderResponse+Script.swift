import HTTPTypes
package import ProviderKit

extension ProviderResponse {
    /// A response with a text body.
    ///
    /// - Parameters:
    ///   - status: 0...999.
    ///   - fields: names and values of header fields; a name that HTTP does not allow is left out.
    package init(_ status: Int, _ body: String = "", _ fields: [String: String] = [:]) {
        self.init(status, bytes: Array(body.utf8), fields)
    }

    package init(_ status: Int, bytes: [UInt8], _ fields: [String: String] = [:]) {
        var head = HTTPResponse(status: HTTPResponse.Status(code: status))
        for (name, value) in fields {
            if let name = HTTPField.Name(name) { head.headerFields[name] = value }
        }
        self.init(head: head, body: bytes)
    }
}
