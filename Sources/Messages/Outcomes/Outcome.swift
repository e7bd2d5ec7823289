/// Names a command from outside, as outcomes do.
package struct CommandReference: Hashable, Sendable {
    /// `<topic>-<partition>-<offset>` when the record itself had none.
    package var id: String
    package var source: String?
    package var type: String?

    package init(id: String, source: String?, type: String? = nil) {
        self.id = id
        self.source = source
        self.type = type
    }
}

/// What became of a command: one for each command and replay.
package struct Outcome: Hashable, Sendable {
    package struct Response: Hashable, Sendable {
        /// The HTTP status; `nil` when no response arrived.
        package var status: Int?
        package var code: String?
        /// The provider's message, at most 500 characters.
        package var message: String?
        package var requestID: String?

        package init(status: Int? = nil, code: String? = nil, message: String? = nil, requestID: String? = nil) {
            self.status = status
            self.code = code
            self.message = message.map(Outcome.cut)
            self.requestID = requestID
        }
    }

    package struct Times: Hashable, Sendable {
        /// When the command was read.
        package var accepted: Timestamp
        /// When the first call for it began; `nil` when there was none.
        package var first: Timestamp?
        package var finished: Timestamp
        /// Time spent on limits, breaker, order and pauses, in milliseconds.
        package var waitedMilliseconds: Int64

        package init(accepted: Timestamp, first: Timestamp? = nil, finished: Timestamp, waitedMilliseconds: Int64 = 0) {
            self.accepted = accepted
            self.first = first
            self.finished = finished
            self.waitedMilliseconds = waitedMilliseconds
        }
    }

    /// Where a contact stood in its import.
    package struct ImportMember: Hashable, Sendable {
        package struct Code: Hashable, Sendable {
            /// One of the codes of `reference/vcard.md`.
            package var code: String
            package var line: Int?
            package var property: String?

            package init(_ code: String, line: Int? = nil, property: String? = nil) {
                self.code = code
                self.line = line
                self.property = property
            }
        }

        /// The import's id.
        package var id: String
        /// Counted from 1.
        package var card: Int
        /// The line of the card's BEGIN, counted from 1.
        package var line: Int
        package var uid: String?
        package var codes: [Code]

        package init(id: String, card: Int, line: Int, uid: String? = nil, codes: [Code] = []) {
            self.id = id
            self.card = card
            self.line = line
            self.uid = uid
            self.codes = codes
        }
    }

    package struct RejectionDetail: Hashable, Sendable {
        package var field: String
        package var found: String
        package var allowed: String

        package init(field: String, found: String, allowed: String) {
            self.field = field
            self.found = found
            self.allowed = allowed
        }
    }

    package var command: CommandReference
    package var provider: String?
    package var account: String?
    package var entity: String?
    package var disposition: Disposition
    /// Calls that the provider processed and that failed, and the one that ended it.
    package var attempts = 0
    /// Waits for limits, 429, 449 and the breaker.
    package var deferrals = 0
    package var previousAssignee: Assignee?
    package var response = Response()
    package var times: Times
    package var campaign: String?
    package var importMember: ImportMember?
    /// How often the command had been replayed from the dead letters; 0 for the first run.
    package var replay = 0
    package var correlationID: String?
    /// Why, where the disposition leaves that open.
    package var reason: String?
    package var rejection: RejectionDetail?
    /// The command that was sent instead of a superseded one.
    package var supersededBy: CommandReference?
    package var traceparent: String?
    package var tracestate: String?

    package init(command: CommandReference, disposition: Disposition, times: Times) {
        self.command = command
        self.disposition = disposition
        self.times = times
    }

    /// Begins the outcome of a command that was read without fault.
    package init(_ command: Command, _ disposition: Disposition, times: Times, replay: Int = 0) {
        self.init(command: command.reference, disposition: disposition, times: times)
        provider = command.provider
        account = command.account
        entity = command.entity
        campaign = command.campaign
        correlationID = command.correlationID
        traceparent = command.traceparent
        tracestate = command.tracestate
        self.replay = replay
    }

    /// The outcome of a record that is no message.
    package init(rejecting record: RecordPosition, _ rejection: Rejection, times: Times, replay: Int = 0) {
        let salvaged = rejection.salvaged
        let reference = CommandReference(
            id: salvaged.id ?? record.name,
            source: salvaged.source,
            type: salvaged.type
        )
        self.init(command: reference, disposition: .rejected, times: times)
        provider = salvaged.provider
        account = salvaged.account
        campaign = salvaged.campaign
        correlationID = salvaged.correlationID
        traceparent = salvaged.traceparent
        tracestate = salvaged.tracestate
        response.message = Outcome.cut(rejection.reason)
        reason = response.message
        self.rejection = RejectionDetail(
            field: rejection.field,
            found: rejection.found,
            allowed: rejection.allowed
        )
        self.replay = replay
    }

    /// The record key: the entity, or the command's id where no entity is known.
    package var key: String { entity ?? command.id }

    /// The id of the outcome's event, the same for every repeat of the same outcome.
    package var id: String { EventID.outcome(of: command, replay: replay) }

    /// The outcome without what providers wrote, for the setting `redact`.
    package func redacted() -> Outcome {
        guard disposition != .rejected else { return self }
        var outcome = self
        outcome.response.message = nil
        return outcome
    }

    static func cut(_ text: String) -> String {
        text.utf8.count <= 500 ? text : String(text.prefix(500))
    }

    /// The `source` of all events that Bulkhead emits.
    package static let eventSource = "/bulkhead"
}
