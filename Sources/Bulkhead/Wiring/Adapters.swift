internal import HTTPTransport
internal import HTTPTypes
internal import Messages
internal import Pipeline
internal import ProviderKit
internal import Providers
internal import Scheduling
internal import VCard

extension ProviderCatalog {
    /// The adapters of the settings' providers, those named only if any are.
    init(_ settings: Settings, only names: [String]? = nil) {
        self.init(
            settings.providers.compactMap { name, provider in
                guard names?.contains(name) ?? true else { return nil }
                let accounts = provider.accounts.compactMap { account, values in
                    settings.account(account, values, of: provider)
                }
                return ProviderEntry(name: name, accounts: accounts, timeout: provider.timeout)
            }
        )
    }
}

extension Settings {
    fileprivate func account(
        _ name: String,
        _ account: AccountSettings,
        of provider: ProviderSettings
    ) -> AccountEntry? {
        guard let (adapter, limits) = adapter(account, of: provider) else { return nil }
        var lane = AccountLane.Settings()
        lane.limits = provider.limits(of: name) ?? limits
        lane.concurrency = provider.concurrency
        lane.retry = retry
        lane.queued = adapter.queuedPolicy
        lane.breaker = provider.breaker
        lane.deadLetters = deadLetterBudget.budget
        lane.bulkShare = lanes.bulkShare
        return AccountEntry(
            name: name,
            adapter: adapter,
            lane: lane,
            partition: account.partition.map { Int32(clamping: $0) },
            coalesces: provider.coalesce == .latest,
            reconciles: provider.reconcile,
            charged: Set(deadLetterBudget.dispositions.compactMap { Disposition(rawValue: $0.rawValue) })
        )
    }

    /// The adapter of an account; `nil` for settings that did not load without problems.
    private func adapter(
        _ account: AccountSettings,
        of provider: ProviderSettings
    ) -> (any Provider, [RateLimit])? {
        guard let kind = provider.kind, let address = provider.baseURL, let base = BaseURL(address.text) else {
            return nil
        }
        switch kind {
        case .hatif:
            guard let id = account.clientID, let secret = account.clientSecret else { return nil }
            var hatif = HatifSettings(credential: HatifCredential(clientID: id, clientSecret: secret))
            hatif.baseURL = base
            if account.contactsClientID != nil || account.contactsClientSecret != nil {
                hatif.contactsCredential = HatifCredential(
                    clientID: account.contactsClientID ?? id,
                    clientSecret: account.contactsClientSecret ?? secret
                )
            }
            hatif.scope = provider.hatif.scope
            hatif.tokenLifetime = provider.hatif.tokenLifetime
            hatif.renewBefore = provider.hatif.renewBefore
            hatif.cardsPerRequest = provider.hatif.imports.cardsPerRequest ?? imports.cardsPerRequest
            hatif.bytesPerRequest = provider.hatif.imports.bytesPerRequest
            hatif.reconcileDelay = provider.hatif.imports.reconcileDelay
            hatif.importMode = HatifSettings.ImportMode(rawValue: provider.hatif.imports.mode.rawValue) ?? .bulk
            if let pageSize = provider.pageSize { hatif.pageSize = pageSize }
            return (Hatif(hatif), Hatif.defaultLimits)
        case .aelyst:
            guard let token = account.token else { return nil }
            var aelyst = AelystSettings(token: token)
            aelyst.baseURL = base
            aelyst.identifierEncoding = .init(rawValue: provider.aelyst.percentEncoding.rawValue) ?? .keepColon
            aelyst.queued = QueuedPolicy(
                base: provider.aelyst.queued.base ?? queued.base,
                cap: provider.aelyst.queued.cap ?? queued.cap
            )
            aelyst.createDelay = provider.aelyst.createDelay
            aelyst.openBeforeAssign = provider.aelyst.openBeforeAssign
            aelyst.readBack = provider.aelyst.readBack
            aelyst.timeZone = provider.aelyst.timeZone
            aelyst.organizationField = provider.aelyst.organizationField
            aelyst.titleField = provider.aelyst.titleField
            aelyst.labelsField = provider.aelyst.labelsField
            if let pageSize = provider.pageSize { aelyst.pageSize = pageSize }
            return (Aelyst(aelyst), Aelyst.defaultLimits)
        case .convor:
            guard let token = account.token else { return nil }
            var convor = ConvorSettings(baseURL: base, token: token)
            if let path = provider.convor.assign.path, let field = provider.convor.assign.field {
                let method: HTTPRequest.Method =
                    switch provider.convor.assign.method {
                    case .post: .post
                    case .put: .put
                    case .patch: .patch
                    }
                convor.assign = ConvorSettings.Assign(path: path, field: field, method: method)
            }
            convor.readPath = provider.convor.read.path
            return (Convor(convor), Convor.defaultLimits)
        }
    }

    /// Calls that may be out to one host at once: every account of every provider there at its full concurrency.
    var connectionsPerHost: Int {
        providers.values.map { $0.concurrency * max(1, $0.accounts.count) }.max() ?? 1
    }

    var importOptions: ImportOptions {
        var options = ImportOptions()
        options.vcard.limits = imports.limits.vcard
        options.vcard.decoder = LargeCharsets()
        options.countries = phone.countries.mapValues(PhoneCountry.init)
        var download = ImportDownloader.Settings()
        download.allowsPrivateAddresses = imports.allowPrivateAddresses
        download.connectTimeout = imports.url.connectTimeout
        download.timeout = imports.url.timeout
        download.maxBytes = Int64(imports.limits.bytes)
        options.source = ImportDownloader(download)
        return options
    }

    var pipeline: PipelineSettings {
        var pipeline = PipelineSettings()
        pipeline.maxRecordsPerPartition = lanes.maxRecordsPerPartition
        pipeline.maxBytes = lanes.maxBytes
        pipeline.commandMemory = lanes.dedupMemory
        pipeline.metadataLimit = lanes.metadataLimit
        pipeline.drain = lanes.drain
        pipeline.watchdog = lanes.watchdog
        pipeline.grace = shutdown.grace
        pipeline.redact = redact
        return pipeline
    }
}
