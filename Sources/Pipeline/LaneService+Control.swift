internal import HeapModule
internal import Logging
internal import Messages
internal import Scheduling

extension LaneService {
    /// Applies what people decide about the lane, as they do.
    func obeyControl() async {
        for await _ in context.control.changes() {
            for account in accounts.values {
                obey(account)
                pump(account)
            }
            obeyCampaigns()
        }
    }

    /// Brings an account's lane in line with the control topic.
    func obey(_ account: AccountRuntime) {
        let rule = context.control.rule(
            provider: provider.name,
            account: account.entry.name,
            at: Timestamp(now)
        )
        let isDraining = partitions[account.partition]?.isDraining ?? true
        account.pause = rule.pause
        account.lane.isPaused = isDraining || rule.pause != nil
        if let until = rule.pause?.until {
            wakes.insert(Wake(at: Instant(until), account: account.entry.name, epoch: account.epoch))
            account.wake = Instant(until)
            alarm.set(Instant(until))
        }
        let limits = rule.limits ?? account.entry.lane.limits
        if limits != account.limits {
            account.limits = limits
            account.lane.budget.replaceLimits(limits, now: now)
            logger.notice("Limits changed", metadata: ["account": .string(account.entry.name)])
        }
    }
}
