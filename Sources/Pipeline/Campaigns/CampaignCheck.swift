package import Messages
internal import ProviderKit

/// Tells before the first call what a campaign asks of a provider that cannot do it.
package enum CampaignCheck {
    /// What intake would say of the command, in words; `nil` when it goes to a lane.
    package static func problem(of command: CampaignCommand, _ catalog: ProviderCatalog) -> String? {
        do throws(Rejection) {
            let account = try catalog.entry(command.provider, command.account)
            return refusal(of: command, account.adapter).map { "\($0.field): \($0.0.reason)" }
        } catch {
            return error.reason
        }
    }

    /// - Returns: the refusal and the path of the field that it is about.
    static func refusal(of command: CampaignCommand, _ adapter: any Provider) -> (Refusal, field: String)? {
        switch command.members {
        case .targets(let targets):
            for (index, target) in targets.enumerated() {
                for (operation, field) in operations(command, target) {
                    guard let refusal = adapter.refusal(of: operation) else { continue }
                    let isTarget = !refusal.field.hasPrefix("assignee")
                    return (refusal, isTarget ? "data.targets[\(index)]" : field)
                }
            }
            return nil
        case .selection(let selection):
            guard let lister = adapter as? any ConversationListing else {
                let reason = "this provider's list of conversations is not known; name the targets instead"
                return (Refusal(.unsupported, field: "select", reason: reason), "data.select")
            }
            if let refusal = lister.refusal(of: selection) { return (refusal, "data.\(refusal.field)") }
            // Which kind of target the list gives is the adapter's to know: an assignee is wrong if no kind takes it.
            let refusals = samples.map { target in
                operations(command, target).lazy.compactMap { operation, field in
                    adapter.refusal(of: operation).map { ($0, field) }
                }.first
            }
            guard refusals.allSatisfy({ $0 != nil }) else { return nil }
            return refusals.compactMap(\.self).first { $0.0.field.hasPrefix("assignee") } ?? refusals[0]
        }
    }

    private static let samples: [Target] = [
        .conversation("00000000-0000-0000-0000-000000000000"), .contact(ContactIdentifier(kind: .id, value: "1")),
    ]

    private static func operations(_ command: CampaignCommand, _ target: Target) -> [(Operation, field: String)] {
        switch command.action {
        case .assign(let assignee): [(.assign(target, assignee), "data.assignee")]
        case .distribute(let shares):
            shares.enumerated().map { index, share in
                (.assign(target, share.assignee), "data.distribute[\(index)].assignee")
            }
        case .unassign: [(.unassign(target), "data.action")]
        }
    }
}
