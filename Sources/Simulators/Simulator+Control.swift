import Synchronization

/// The same acts as the control API, for those in the same process.
extension Simulator {
    /// - Parameter scopes: how many of the busiest accounts, endpoints or paths are listed for each limit.
    package func statistics(scopes: Int = 50) -> SimulatorStatistics {
        world.withLock { $0.statistics(scopes: scopes) }
    }

    /// Conversations, or contacts named as Aelyst does, of that id in any account.
    package func conversations(_ id: String) -> [ConversationView] {
        world.withLock { $0.conversations(id) }
    }

    /// Changes of assignees in the order they took effect, from the place `since` on.
    package func changes(since: Int = 0) -> [AssignmentView] {
        world.withLock { world in
            let places = max(since, world.changes.start)..<max(since, world.changes.start, world.changes.end)
            return places.compactMap { place in world.changes[place].map { world.view(place, $0) } }
        }
    }

    /// Every vCard that an account imported into Hatif, as it was sent.
    package func importedCards(account: String) -> [String] {
        world.withLock { world in
            world.texts.existing(account).flatMap { world.hatif[$0]?.cards } ?? []
        }
    }

    /// Adds conversations or contacts.
    /// - Returns: their ids, for Aelyst as `id:…`.
    package func seed(_ seed: ConversationSeed) -> [String] {
        let now = configuration.now()
        return world.withLock { $0.seed(seed, now: now) }
    }

    /// Adds a fault behind those already there.
    /// - Returns: the number by which it is removed.
    @discardableResult
    package func add(_ fault: Fault) -> Int {
        world.withLock { $0.faults.add(fault) }
    }

    /// Removes one fault, or all.
    package func removeFaults(id: Int? = nil) {
        world.withLock { $0.faults.remove(id: id) }
    }

    /// Changes a provider's limits without notice; a limit of the same scope and window keeps its counts.
    package func setLimits(_ policy: LimitPolicy, of provider: SimulatedProvider) {
        world.withLock { $0.desks[provider]?.change(to: policy) }
    }

    package func setLatency(_ range: ClosedRange<Duration>, of provider: SimulatedProvider) {
        let nanoseconds = range.lowerBound.simulatedNanoseconds...range.upperBound.simulatedNanoseconds
        world.withLock { $0.latency[provider] = nanoseconds }
    }

    /// Ends Hatif's tokens of one client, or all; the next call with one is answered 401.
    package func expireTokens(account: String? = nil) {
        world.withLock { $0.credentials.expire(account: account) }
    }

    /// Forgets calls, changes, conversations, tokens, faults and counts.
    ///
    /// Limits are those of the start again, and the seeds are there.
    package func reset() {
        let fresh = World(configuration)
        world.withLock { $0 = fresh }
    }
}
