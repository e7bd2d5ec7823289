/// One reason why a probe does not pass.
package struct ProbeProblem: Hashable, Sendable {
    /// For machines, as `poll_stalled` or `control_unread`.
    package var code: String
    /// A sentence for the person on call; no personal data.
    package var message: String

    package init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    /// `{"status":"ok"}`, or `failing` with the problems.
    static func report(_ problems: [ProbeProblem]) -> [UInt8] {
        guard !problems.isEmpty else { return Array("{\"status\":\"ok\",\"problems\":[]}\n".utf8) }
        var body = Array("{\"status\":\"failing\",\"problems\":[".utf8)
        for (index, problem) in problems.enumerated() {
            if index > 0 { body.append(UInt8(ascii: ",")) }
            body.append(contentsOf: "{\"code\":".utf8)
            JSONQuoting.append(problem.code, to: &body)
            body.append(contentsOf: ",\"message\":".utf8)
            JSONQuoting.append(problem.message, to: &body)
            body.append(UInt8(ascii: "}"))
        }
        body.append(contentsOf: "]}\n".utf8)
        return body
    }
}
