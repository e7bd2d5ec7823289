import HTTPTypes
import HummingbirdCore
import NIOCore
import Synchronization

extension Simulator {
    /// Plays the call or its fault.
    ///
    /// The body is read first: a client that is still writing would not hear the answer.
    func outcome(of admission: World.Admission, _ request: Request) async throws -> CallEnd {
        if let reply = admission.reply, admission.fault == nil { return .answer(reply) }
        let visit = admission.visit
        let body = try? await request.body.collect(upTo: configuration.maxBodyBytes)
        guard let body else { return .answer(Reply(413)) }

        func effect() -> Reply {
            if let reply = admission.reply { return reply }
            if visit.call.endpoint == .hatifToken {
                let contentType = request.headers[.contentType]
                return world.withLock { $0.credentials.issue(form: body, contentType: contentType, at: visit.time) }
            }
            return world.withLock { $0.handle(visit, body: body) }
        }
        func refuse(_ refusal: Refusal) -> Reply { world.withLock { $0.refuse(refusal, visit) } }

        switch admission.fault {
        case nil:
            return .answer(effect())
        case .status(let status, let text, let headers):
            var reply = Reply(status)
            if let text {
                reply = Reply(status, json: ByteBuffer(string: text))
            } else if status >= 500 {
                reply = refuse(.failed)
                reply.status = status
            }
            reply.headers = headers.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
            return .answer(reply)
        case .delay(let delay, let late):
            if late {
                try await pause(delay)
                return .answer(effect())
            }
            let reply = effect()
            try await pause(delay)
            return .answer(reply)
        case .reset(let applied):
            if applied { _ = effect() }
            return .reset
        case .hang(let applied):
            if applied { _ = effect() }
            return .hang
        case .queued:
            return .answer(refuse(.queued))
        case .expireToken:
            world.withLock { $0.credentials.expire(account: $0.texts.text(of: visit.account)) }
            return .answer(refuse(.unauthorized))
        case .garbage:
            _ = effect()
            return .answer(Reply(200, json: ByteBuffer(string: "<html>{\"contactId\":")))
        case .throttle(let seconds):
            var reply = refuse(.throttled)
            if let seconds { reply.headers.append(("Retry-After", String(seconds))) }
            return .answer(reply)
        }
    }
}
