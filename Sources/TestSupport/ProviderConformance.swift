import HTTPTypes
package import ProviderKit

/// The cases that every adapter has to pass, whatever its provider's API looks like.
///
/// A case that fails is a sentence in ``problems()``; an adapter conforms when there is none.
package struct ProviderConformance: Sendable {
    package var provider: any Provider
    /// Operations that the provider takes, at least one.
    package var operations: [Operation]
    /// The account's secrets: none may show anywhere but on the wire.
    package var secrets: [Secret]

    package init(_ provider: any Provider, operations: [Operation], secrets: [Secret]) {
        self.provider = provider
        self.operations = operations
        self.secrets = secrets
    }

    package func problems() -> [String] {
        var problems: [String] = operations.isEmpty ? ["no operation to try"] : []
        for operation in operations {
            if let refusal = provider.refusal(of: operation) { problems.append("refuses: \(refusal.reason)") }
            problems += stepProblems(operation)
            for step in Set(provider.steps(for: operation, check: true)) {
                problems += requestProblems(operation, step)
                for response in ConformanceResponse.all(secrets: secrets) {
                    problems += answerProblems(operation, step, response)
                }
            }
        }
        for credential in [CredentialName.main, .contacts] {
            if case .clientCredentials(let source) = provider.authentication(for: credential) {
                problems += tokenProblems(source)
            }
        }
        return problems
    }

    private func stepProblems(_ operation: Operation) -> [String] {
        let plain = provider.steps(for: operation, check: false)
        let checked = provider.steps(for: operation, check: true)
        var problems: [String] = []
        if plain.filter({ $0 == .act }).count != 1 { problems.append("an operation acts once, not \(plain)") }
        if plain.contains(.check) { problems.append("checks unasked") }
        if checked != (provider.canRead ? [.check] : []) + plain {
            problems.append("a check comes first, not \(checked)")
        }
        return problems
    }

    private func requestProblems(_ operation: Operation, _ step: Step) -> [String] {
        guard let request = try? provider.request(for: operation, step),
            let again = try? provider.request(for: operation, step)
        else { return ["\(step): no request"] }
        var problems: [String] = []
        let path = request.head.path ?? ""
        if !path.hasPrefix("/") || !path.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) {
            problems.append("\(step): not a path")
        }
        if request.head.scheme == nil || request.head.authority?.isEmpty != false {
            problems.append("\(step): no scheme or host")
        }
        if request.head.headerFields[.authorization] != nil { problems.append("\(step): carries credentials") }
        if request.head != again.head || request.body != again.body {
            problems.append("\(step): differs when repeated")
        }
        if !request.endpoint.hasPrefix("\(request.head.method.rawValue) /") {
            problems.append("\(step): the endpoint is \(request.endpoint)")
        }
        if request.body.isEmpty == (request.head.headerFields[.contentType] != nil) {
            problems.append("\(step): a body and its type come together")
        }
        if step == .check || step == .verify, request.head.method != .get { problems.append("\(step): is no read") }
        for secret in secrets
        where "\(request)".contains(secret.revealed)
            || String(decoding: request.body, as: UTF8.self).contains(secret.revealed)
        {
            problems.append("\(step): the request holds a secret")
        }
        return problems
    }

    private func answerProblems(_ operation: Operation, _ step: Step, _ response: ConformanceResponse) -> [String] {
        let answer = provider.answer(to: operation, step, response.response)
        let status = response.response.head.status.code
        var problems: [String] = []
        func require(_ holds: Bool, _ problem: String) {
            if !holds { problems.append("\(step), \(response.name), \(status): \(problem), not \(answer.verdict)") }
        }
        switch (status, answer.verdict) {
        case (200..<300, .found): require(step == .check, "only a check finds")
        case (200..<300, .done): require(step != .check, "a check finds somebody or nobody")
        case (200..<300, _): require(answer.verdict == .failed, "an unreadable success is a failure")
        case (300..<400, _): require(answer.verdict == .refused, "redirects are refused")
        case (401, _): require(answer.verdict == .unauthorized, "unauthorized")
        case (403, _): require([.forbidden, .refused].contains(answer.verdict), "forbidden")
        case (404, _): require(answer.verdict == .notFound, "not found")
        case (408, _), (425, _): require(answer.verdict == .failed, "may be sent again")
        case (429, _): require(answer.verdict == .throttled, "throttled")
        case (449, _): require([.queued, .refused].contains(answer.verdict), "queued or unknown")
        case (400..<500, _): require(answer.verdict == .refused, "refused")
        default: require(answer.verdict == .failed, "failed")
        }
        if !response.isDocument, 200..<300 ~= status, step == .check || response.isWebPage {
            require(answer.verdict == .failed, "this body says nothing")
        }
        require(answer.detail.status == status, "the status is passed on")
        problems += detailProblems(answer.detail, "\(step), \(response.name), \(status)")
        if response.echoesSecrets, secrets.contains(where: { "\(answer)".contains($0.revealed) }) {
            problems.append("\(step), \(response.name), \(status): a secret shows")
        }
        return problems
    }

    private func detailProblems(_ detail: ResponseDetail, _ place: String) -> [String] {
        var problems: [String] = []
        let texts = [detail.code, detail.message, detail.requestID].compactMap { $0 }
        if texts.contains(where: { $0.unicodeScalars.count > ResponseDetail.messageLength }) {
            problems.append("\(place): a text is too long")
        }
        if texts.contains(where: { $0.isEmpty || $0.unicodeScalars.contains { $0.value < 0x20 } }) {
            problems.append("\(place): a text is empty or holds control characters")
        }
        if secrets.contains(where: { secret in texts.contains { $0.contains(secret.revealed) } }) {
            problems.append("\(place): a secret shows")
        }
        return problems
    }

    private func tokenProblems(_ source: any TokenSource) -> [String] {
        var problems: [String] = []
        if (try? source.tokenRequest()) == nil { problems.append("no token request") }
        for response in ConformanceResponse.all(secrets: secrets) {
            let place = "token, \(response.name), \(response.response.head.status.code)"
            do throws(TokenFailure) {
                _ = try source.token(from: response.response)
                problems.append("\(place): not a token")
            } catch {
                problems += detailProblems(error.detail, place)
            }
        }
        return problems
    }
}
