internal import HTTPTypes
internal import Messages
internal import ProviderKit

/// What a record of a lane asks for.
enum LaneTask: Sendable {
    case command(CommandTask)
    // The rare ones elsewhere, so that the many commands that wait take no more room than they need.
    indirect case contacts(ContactsTask)
    indirect case campaign(CampaignTask)

    var event: EventAttributes {
        switch self {
        case .command(let task): task.command.event
        case .contacts(let task): task.batch.event
        case .campaign(let task): task.command.event
        }
    }

    var reference: CommandReference {
        switch self {
        case .command(let task): task.command.reference
        case .contacts(let task): task.batch.reference
        case .campaign(let task): task.command.reference
        }
    }

    /// Whether people may mean it by an id: a batch goes by the ids of its cards, too.
    func isNamed(_ id: String) -> Bool {
        if reference.id == id { return true }
        guard case .contacts(let task) = self else { return false }
        return task.batch.members.contains { task.batch.reference(of: $0).id == id }
    }

    /// What the provider is to be asked next.
    var question: Question {
        switch self {
        case .command(let task): .step(task.operation, task.step)
        case .contacts(let task): task.question
        case .campaign(let task): task.question
        }
    }

    /// Nothing is left to ask.
    var isOver: Bool {
        if case .contacts(let task) = self { task.isOver } else { false }
    }

    /// The campaign or import that takes turns with the others.
    var flow: String? {
        switch self {
        case .command(let task): task.command.campaign.map { "campaign/\($0)" }
        case .contacts(let task): "import/\(task.batch.importID)"
        // Apart from its members, which are kept back until all are known.
        case .campaign(let task): "campaign/\(task.command.campaign)/start"
        }
    }

    /// Whether newer live work on the entity makes it stale: an import says nothing of who a conversation belongs to.
    var isFenced: Bool {
        if case .command = self { true } else { false }
    }

    /// Whether a later command of the entity may go instead.
    var mayBeSuperseded: Bool {
        if case .command(let task) = self { task.command.expect == .absent } else { false }
    }

    /// Whether an end counts as a success of the account.
    func succeeds(as disposition: Disposition) -> Bool {
        if case .contacts(let task) = self { return task.hasSuccess }
        return disposition.topic == .results
    }

    /// Whether a call whose answer is lost may have changed something.
    var isChanging: Bool {
        switch self {
        case .command(let task): task.step == .act || task.step == .open
        case .contacts(let task): task.isSending
        case .campaign: false
        }
    }

    /// Whether something was changed for good, so that nothing can take the work's place any more.
    var isCommitted: Bool {
        switch self {
        case .command(let task): task.step == .act
        case .contacts(let task): task.hasEnds
        case .campaign: false
        }
    }
}

/// One request to a provider, and how its response is read: values in, values out.
enum Question: Sendable {
    case step(Operation, Step)
    case contacts(any ContactImporting, [ContactUpload])
    case lookup(any ContactImporting, ContactUpload, skip: Int)
    case page(any ConversationListing, Selection, ListCursor)

    func request(_ adapter: any Provider) throws(EncodingFailure) -> ProviderRequest {
        switch self {
        case .step(let operation, let step): return try adapter.request(for: operation, step)
        case .contacts(let importer, let contacts): return try importer.request(importing: contacts)
        case .lookup(let importer, let contact, let skip):
            guard let request = try importer.lookupRequest(for: contact, skip: skip) else {
                throw EncodingFailure(field: "contact", reason: "this provider has no read for contacts")
            }
            return request
        case .page(let lister, let selection, let cursor): return try lister.request(for: selection, at: cursor)
        }
    }

    func reply(_ adapter: any Provider, _ response: ProviderResponse) -> Reply {
        switch self {
        case .step(let operation, let step): .step(adapter.answer(to: operation, step, response))
        case .contacts(let importer, let contacts): .contacts(importer.answer(importing: contacts, response))
        case .lookup(let importer, let contact, let skip):
            .lookup(importer.lookupAnswer(for: contact, skip: skip, response), status: response.head.status.code)
        case .page(let lister, let selection, let cursor):
            .page(lister.page(of: selection, at: cursor, response), status: response.head.status.code)
        }
    }

    /// The name of the kind, for logs.
    var name: String {
        switch self {
        case .step(_, let step): step.rawValue
        case .contacts: "import"
        case .lookup: "lookup"
        case .page: "list"
        }
    }
}

/// A response to a ``Question``, read.
enum Reply: Sendable {
    case step(Answer)
    case contacts(ImportAnswer)
    case lookup(LookupAnswer, status: Int)
    case page(ListAnswer, status: Int)

    /// The verdict that all kinds share; `nil` when the response says what only its kind says.
    var answer: Answer? {
        get {
            switch self {
            case .step(let answer): answer
            case .contacts(let imported): imported.answer
            case .lookup(.answer(let answer), _): answer
            case .page(.answer(let answer), _): answer
            case .lookup, .page: nil
            }
        }
        set {
            guard let newValue else { return }
            switch self {
            case .step: self = .step(newValue)
            case .contacts(var imported):
                imported.answer = newValue
                self = .contacts(imported)
            case .lookup(.answer, let status): self = .lookup(.answer(newValue), status: status)
            case .page(.answer, let status): self = .page(.answer(newValue), status: status)
            case .lookup, .page: break
            }
        }
    }

    var detail: ResponseDetail {
        if let answer { return answer.detail }
        switch self {
        case .lookup(_, let status), .page(_, let status): return ResponseDetail(status: status)
        case .step, .contacts: return ResponseDetail()
        }
    }
}
