internal import HTTPTypes

extension HTTPField.Name {
    /// W3C Trace Context.
    static let traceparent = constant("traceparent")
    static let tracestate = constant("tracestate")

    /// A name that is known to be a token (RFC 9110 section 5.6.2).
    private static func constant(_ text: String) -> HTTPField.Name {
        HTTPField.Name(text) ?? .accept
    }
}
