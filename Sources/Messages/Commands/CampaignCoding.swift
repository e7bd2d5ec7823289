extension CampaignCommand {
    private enum ActionName: String, CaseIterable {
        case assign, distribute, unassign
    }

    private static let fields =
        "campaign, provider, account, action, assignee, distribute, one of targets and select, options"
    private static let membersAllowed = "exactly one of targets and select"

    init(_ event: CloudEvent) throws(Rejection) {
        var campaign: String?
        var provider: String?
        var account = Command.defaultAccount
        var name: ActionName?
        var assignee: Assignee?
        var shares: [Share]?
        var selected: Members?
        var options = Options()
        for member in try event.dataMembers() {
            let field = "data.\(member.key)"
            switch member.key {
            case "campaign": campaign = try member.value.requiredName(field)
            case "provider": provider = try member.value.requiredName(field)
            case "account": if member.value != .null { account = try member.value.requiredName(field) }
            case "action": name = try member.value.choice(field)
            case "assignee": assignee = try Assignee(member.value, field)
            case "distribute": shares = try Self.shares(member.value)
            case "targets", "select":
                guard selected == nil else {
                    throw Rejection(field, found: "targets and select", allowed: Self.membersAllowed)
                }
                selected =
                    member.key == "targets"
                    ? .targets(try Self.targets(member.value)) : .selection(try Selection(member.value))
            case "options": if member.value != .null { options = try Options(member.value) }
            default: throw .unknown(member.key, in: "data", allowed: Self.fields)
            }
        }
        guard let campaign else { throw .missing("data.campaign", allowed: "the campaign's id") }
        guard let provider else { throw .missing("data.provider", allowed: "the name of a provider") }
        guard let name else { throw .missing("data.action", allowed: "assign, distribute or unassign") }
        guard let selected else { throw .missing("data.targets", allowed: Self.membersAllowed) }
        self.init(
            event: event.attributes,
            campaign: campaign,
            provider: provider,
            account: account,
            action: try Self.action(name, assignee, shares),
            members: selected,
            options: options
        )
    }

    private static func action(
        _ name: ActionName,
        _ assignee: Assignee?,
        _ shares: [Share]?
    ) throws(Rejection) -> Action {
        if assignee != nil, name != .assign {
            throw Rejection("data.assignee", found: "an assignee", allowed: "assignee with the action assign only")
        }
        if shares != nil, name != .distribute {
            throw Rejection("data.distribute", found: "a list", allowed: "distribute with the action distribute only")
        }
        switch name {
        case .assign:
            guard let assignee else { throw .missing("data.assignee", allowed: Assignee.allowed) }
            return .assign(assignee)
        case .distribute:
            guard let shares else { throw .missing("data.distribute", allowed: "a list of assignees with weights") }
            return .distribute(shares)
        case .unassign:
            return .unassign
        }
    }

    private static func shares(_ json: JSON) throws(Rejection) -> [Share] {
        var shares: [Share] = []
        let elements = try json.requiredList("data.distribute", 1...1_000, of: "assignees with weights")
        for (index, element) in elements.enumerated() {
            let field = "data.distribute[\(index)]"
            let allowed = "{ \"assignee\": …, \"weight\": 1 to 1000 }"
            var assignee: Assignee?
            var weight = 1
            for member in try element.requiredMembers(field, allowed: allowed) {
                switch member.key {
                case "assignee": assignee = try Assignee(member.value, "\(field).assignee")
                case "weight": weight = Int(try member.value.requiredInteger("\(field).weight", in: 1...1_000))
                default: throw .unknown(member.key, in: field, allowed: allowed)
                }
            }
            guard let assignee else { throw .missing("\(field).assignee", allowed: Assignee.allowed) }
            shares.append(Share(assignee: assignee, weight: weight))
        }
        return shares
    }

    private static func targets(_ json: JSON) throws(Rejection) -> [Target] {
        let elements = try json.requiredList("data.targets", 1...100_000, of: "targets")
        var targets: [Target] = []
        targets.reserveCapacity(elements.count)
        for (index, element) in elements.enumerated() {
            guard let target = element.text.flatMap(Target.init(text:)) else {
                throw .wrong("data.targets[\(index)]", element, allowed: "a UUID, or \(ContactIdentifier.allowed)")
            }
            targets.append(target)
        }
        return targets
    }

    /// The campaign as an event in structured mode.
    package func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 1024)
        writer.beginObject()
        event.encode(into: &writer)
        writer.key("data")
        writer.beginObject()
        writer.field("campaign", campaign)
        writer.field("provider", provider)
        writer.field("account", account)
        switch action {
        case .assign(let assignee):
            writer.field("action", ActionName.assign.rawValue)
            writer.field("assignee", assignee)
        case .distribute(let shares):
            writer.field("action", ActionName.distribute.rawValue)
            writer.key("distribute")
            writer.beginArray()
            for share in shares {
                writer.beginObject()
                writer.field("assignee", share.assignee)
                writer.field("weight", share.weight)
                writer.endObject()
            }
            writer.endArray()
        case .unassign:
            writer.field("action", ActionName.unassign.rawValue)
        }
        switch members {
        case .targets(let targets): writer.field("targets", targets.map(\.name))
        case .selection(let selection):
            writer.key("select")
            selection.encode(into: &writer)
        }
        if options != Options() {
            writer.key("options")
            options.encode(into: &writer)
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }
}

extension CampaignCommand.Options {
    private static let fields = "dryRun, maxRate, canary, maxErrorRate"

    init(_ json: JSON) throws(Rejection) {
        self.init()
        for member in try json.requiredMembers("data.options", allowed: "an object with \(Self.fields)") {
            let field = "data.options.\(member.key)"
            switch member.key {
            case "dryRun": dryRun = try member.value.requiredBool(field)
            case "maxRate": maxRate = try member.value.requiredNumber(field, above: 0, upTo: 10_000)
            case "canary": if member.value != .null { canary = try Self.canary(member.value) }
            case "maxErrorRate": maxErrorRate = try member.value.requiredNumber(field, above: 0, upTo: 1)
            default: throw .unknown(member.key, in: "data.options", allowed: Self.fields)
            }
        }
    }

    private static func canary(_ json: JSON) throws(Rejection) -> CampaignCommand.Canary {
        let path = "data.options.canary"
        let allowed = "{ \"count\": 50, \"maxErrors\": 2, \"wait\": \"60s\" }"
        var count: Int?
        var maxErrors = 0
        var wait = Duration.zero
        for member in try json.requiredMembers(path, allowed: allowed) {
            let field = "\(path).\(member.key)"
            switch member.key {
            case "count": count = Int(try member.value.requiredInteger(field, in: 1...100_000))
            case "maxErrors": maxErrors = Int(try member.value.requiredInteger(field, in: 0...100_000))
            case "wait":
                guard let duration = member.value.text.flatMap(Duration.init(messageText:)),
                    duration <= .seconds(86_400)
                else { throw .wrong(field, member.value, allowed: "a duration up to 1d, such as 60s or 5m") }
                wait = duration
            default: throw .unknown(member.key, in: path, allowed: allowed)
            }
        }
        guard let count else { throw .missing("\(path).count", allowed: "an integer from 1 to 100000") }
        return CampaignCommand.Canary(count: count, maxErrors: maxErrors, wait: wait)
    }

    func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        if dryRun { writer.field("dryRun", true) }
        if let maxRate { writer.field("maxRate", maxRate) }
        if let canary {
            writer.key("canary")
            writer.beginObject()
            writer.field("count", canary.count)
            writer.field("maxErrors", canary.maxErrors)
            writer.field("wait", canary.wait.messageText)
            writer.endObject()
        }
        if let maxErrorRate { writer.field("maxErrorRate", maxErrorRate) }
        writer.endObject()
    }
}

extension Selection {
    private static let allowed =
        "channels, status, assignees, unassigned, tags, from, to, lost for conversations; assignee, filter for contacts"

    init(_ json: JSON) throws(Rejection) {
        self.init()
        for member in try json.requiredMembers("data.select", allowed: "an object with \(Self.allowed)") {
            let field = "data.select.\(member.key)"
            switch member.key {
            case "channels": channels = try Self.names(member.value, field)
            case "status": status = try member.value.choice(field)
            case "assignees":
                for (index, element) in try member.value.requiredList(field, 1...1_000, of: "assignees").enumerated() {
                    assignees.append(try Assignee(element, "\(field)[\(index)]"))
                }
            case "unassigned": unassigned = try member.value.requiredBool(field)
            case "tags": tags = try Self.names(member.value, field)
            case "from": from = try member.value.requiredTime(field)
            case "to": to = try member.value.requiredTime(field)
            case "lost": lost = try member.value.requiredBool(field)
            case "assignee":
                assignee = member.value == .null ? .nobody : .assignee(try Assignee(member.value, field))
            case "filter":
                _ = try member.value.requiredMembers(field, allowed: "an object, passed through to the provider")
                filter = member.value
            default: throw .unknown(member.key, in: "data.select", allowed: Self.allowed)
            }
        }
        if !conversationFields.isEmpty, let field = contactFields.first {
            throw Rejection(
                "data.select.\(field)",
                found: "fields of conversations and of contacts",
                allowed: Self.allowed
            )
        }
        if unassigned == true, !assignees.isEmpty {
            throw Rejection("data.select.assignees", found: "assignees and unassigned", allowed: "one of the two")
        }
        if let from, let to, from >= to {
            throw Rejection("data.select.to", found: "a time that is not after from", allowed: "a time after from")
        }
    }

    private static func names(_ json: JSON, _ field: String) throws(Rejection) -> [String] {
        var names: [String] = []
        for (index, element) in try json.requiredList(field, 1...1_000, of: "ids").enumerated() {
            names.append(try element.requiredText("\(field)[\(index)]", upTo: 128))
        }
        return names
    }

    fileprivate func encode(into writer: inout JSONWriter) {
        writer.beginObject()
        if !channels.isEmpty { writer.field("channels", channels) }
        writer.fieldIfPresent("status", status?.rawValue)
        if !assignees.isEmpty {
            writer.key("assignees")
            writer.beginArray()
            for assignee in assignees { assignee.encode(into: &writer) }
            writer.endArray()
        }
        if let unassigned { writer.field("unassigned", unassigned) }
        if !tags.isEmpty { writer.field("tags", tags) }
        writer.fieldIfPresent("from", from)
        writer.fieldIfPresent("to", to)
        if let lost { writer.field("lost", lost) }
        switch assignee {
        case .absent: break
        case .nobody: writer.field("assignee", nil as Assignee?)
        case .assignee(let assignee): writer.field("assignee", assignee)
        }
        if let filter {
            writer.key("filter")
            writer.value(filter)
        }
        writer.endObject()
    }
}
