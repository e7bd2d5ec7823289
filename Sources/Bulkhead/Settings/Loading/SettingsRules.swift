import Scheduling

/// The rules between keys.
struct SettingsRules {
    let settings: Settings
    let reading: SettingsReading
    private(set) var problems: [SettingsProblem] = []
    /// What is allowed and still worth a look.
    private(set) var notes: [SettingsProblem] = []

    init(_ settings: Settings, _ reading: SettingsReading) {
        self.settings = settings
        self.reading = reading
        general()
        kafka()
        for (name, provider) in settings.providers.sorted(by: { $0.key < $1.key }) {
            check(provider, at: "providers.\(name)")
        }
        for (path, kinds) in reading.restricted {
            let name = path.split(separator: ".").dropFirst().first.map { String($0) } ?? ""
            guard let kind = settings.providers[name]?.kind, !kinds.contains(kind) else { continue }
            let names = kinds.map(\.rawValue).joined(separator: " and ")
            problem("only for providers of the kind \(names)", path)
        }
    }

    private mutating func problem(_ rule: String, _ path: String) {
        problems.append(SettingsProblem(.rule(rule), key: path, origin: reading.origin(of: path)))
    }

    private mutating func missing(_ allowed: String, _ path: String) {
        // A value that was there and not allowed has its own problem.
        guard reading.origins[path] == nil else { return }
        problems.append(SettingsProblem(.missing(allowed: allowed), key: path, origin: reading.origin(of: path)))
    }

    private mutating func note(_ rule: String, _ path: String) {
        notes.append(SettingsProblem(.rule(rule), key: path, origin: reading.origin(of: path)))
    }

    private mutating func general() {
        if settings.providers.isEmpty, reading.origins["providers"] == nil || reading.problems.isEmpty {
            note("no provider is set, so every command would be rejected", "providers")
        }
        atLeast(settings.retry.cap, settings.retry.base, "retry.cap", "retry.base")
        atLeast(settings.queued.cap, settings.queued.base, "queued.cap", "queued.base")
        let kept = ["results", "failures", "dead-letters", "dead-letters.parked", "control", "status"].map {
            "\(settings.prefix).\($0)"
        }
        for topic in settings.replay.allow where kept.contains(topic) || topic.hasPrefix("\(settings.prefix).lane.") {
            problem("replays are never written to \(topic)", "replay.allow")
        }
        if settings.shutdown.grace < settings.lanes.drain {
            note("is shorter than lanes.drain, so a shutdown cuts the drain off", "shutdown.grace")
        }
    }

    private mutating func kafka() {
        for (name, value) in settings.kafka.sorted(by: { $0.key < $1.key }) {
            if let refusal = KafkaProperties.refusal(of: name, value: value) { problem(refusal, "kafka.\(name)") }
        }
        if let longest = KafkaProperties.maxPollInterval(settings.kafka), settings.lanes.drain >= longest {
            problem("must be less than kafka's max.poll.interval.ms, \(DurationText.text(longest))", "lanes.drain")
        }
        if settings.kafka["enable.idempotence"] == "false" {
            note(
                "without idempotence a retry of the producer can write twice or out of order",
                "kafka.enable.idempotence"
            )
        }
    }

    private mutating func check(_ provider: ProviderSettings, at path: String) {
        guard let kind = provider.kind else {
            missing(SettingsCodec<ProviderKind>.choice.allowed, path.key("kind"))
            return
        }
        if let url = provider.baseURL {
            if url.scheme == "http", !url.isLoopback, !provider.allowInsecure {
                problem("http to another host needs allowInsecure: true", path.key("baseURL"))
            }
        } else {
            missing(SettingsCodec<WebAddress>.webAddress.allowed, path.key("baseURL"))
        }
        atLeast(
            provider.breaker.longestPause,
            provider.breaker.pause,
            path.key("breaker.longestPause"),
            path.key("breaker.pause")
        )
        check(provider.limits, at: path.key("limits"))
        switch kind {
        case .hatif:
            if provider.hatif.renewBefore >= provider.hatif.tokenLifetime {
                problem("must be less than tokenLifetime", path.key("renewBefore"))
            }
        case .aelyst:
            if let size = provider.pageSize, size > 99 {
                problem("found \(size), aelyst takes 1 to 99", path.key("pageSize"))
            }
            let queued = provider.aelyst.queued
            guard queued.cap != nil || queued.base != nil else { break }
            atLeast(
                queued.cap ?? settings.queued.cap,
                queued.base ?? settings.queued.base,
                path.key("queued.cap"),
                path.key("queued.base")
            )
        case .convor:
            let assign = provider.convor.assign
            if assign.path != nil, assign.field == nil { missing("text", path.key("assign.field")) }
            if assign.field != nil, assign.path == nil {
                missing(SettingsCodec<String>.pathTemplate.allowed, path.key("assign.path"))
            }
        }
        if provider.accounts.isEmpty { problem("at least one account is needed", path.key("accounts")) }
        let partitions = provider.partitions ?? settings.topics.partitions.lanes
        var taken: [Int32: String] = [:]
        for (name, account) in provider.accounts.sorted(by: { $0.key < $1.key }) {
            let below = path.key("accounts").key(name)
            check(account, of: kind, at: below)
            if let partition = account.partition, partition >= partitions {
                problem(
                    "found \(partition), but the lane has partitions 0 to \(partitions - 1)",
                    below.key("partition")
                )
                continue
            }
            let partition = provider.place(of: name, partitions: partitions)
            if let other = taken[partition] {
                note(
                    "shares partition \(partition), and so its look-ahead, with account \(other); to give each its own: "
                        + provider.ownPlaces(at: path, partitions: partitions),
                    below.key("partition")
                )
            }
            taken[partition] = name
        }
    }

    private mutating func check(_ account: AccountSettings, of kind: ProviderKind, at path: String) {
        check(account.limits, at: path.key("limits"))
        switch kind {
        case .hatif:
            if account.clientID == nil { missing("text", path.key("clientID")) }
            if account.clientSecret == nil { missing("text", path.key("clientSecret")) }
            if account.contactsClientID != nil, account.contactsClientSecret == nil {
                missing("text beside contactsClientID", path.key("contactsClientSecret"))
            }
            if account.contactsClientSecret != nil, account.contactsClientID == nil {
                missing("text beside contactsClientSecret", path.key("contactsClientID"))
            }
        case .aelyst, .convor:
            if account.token == nil { missing("text", path.key("token")) }
        }
    }

    private mutating func check(_ limits: [LimitSettings]?, at path: String) {
        for (index, limit) in (limits ?? []).enumerated() {
            guard let requests = limit.requests, let burst = limit.burst, burst > requests else { continue }
            problem(
                "found \(burst), but not more than requests, \(requests), may go at once",
                path.index(index).key("burst")
            )
        }
    }

    private mutating func atLeast(_ value: Duration, _ least: Duration, _ path: String, _ other: String) {
        guard value < least else { return }
        let (found, bound) = (DurationText.text(value), DurationText.text(least))
        // Said where one of the two was set.
        let own = reading.origins[path] != nil || reading.origins[other] == nil
        if own {
            problem("\(found) is less than \(other), \(bound)", path)
        } else {
            problem("\(bound) is more than \(path), \(found)", other)
        }
    }
}
