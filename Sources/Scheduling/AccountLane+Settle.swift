extension AccountLane {
    /// Takes in how a call ended.
    ///
    /// - Parameter random: 0 up to 1, for the jitter of waits.
    package mutating func settle(_ id: WorkID, _ result: CallResult, now: Instant, random: Double) -> Settlement {
        let index = id.index
        guard items[Int(index)].isOut, let reservation = items[Int(index)].reservation else { return .continues }
        let entity = items[Int(index)].entity
        let isProbe = items[Int(index)].isBreakerProbe
        items[Int(index)].isOut = false
        items[Int(index)].isBreakerProbe = false
        items[Int(index)].reservation = nil
        entities[Int(entity)].isOut = false
        inFlight -= 1
        if !pathBlocked.isEmpty {
            for blocked in pathBlocked { enqueue(blocked) }
            pathBlocked = []
        }

        switch result {
        case .finished(let success, let charged, let word):
            budget.settle(reservation, .counted(word), now: now)
            worked(isProbe: isProbe, now: now)
            failedSinceSuccess.removeAll(keepingCapacity: true)
            lastSuccess = now
            guard !charged || deadLetters.spend(now: now) else {
                breaker.trip(.deadLetterBudget, now: now, jitter: random)
                items[Int(index)].deferrals += 1
                enqueue(entity, atFront: true)
                return .continues
            }
            if success {
                deadLetters.succeeded(now: now)
                if items[Int(index)].work.class == .live {
                    fence.note(items[Int(index)].work.entity, time: items[Int(index)].work.time)
                }
            }
            remove(index)
            return .over
        case .proceed(let key, let isCommitted, let word):
            budget.settle(reservation, .counted(word), now: now)
            worked(isProbe: isProbe, now: now)
            items[Int(index)].work.key = key
            items[Int(index)].isCommitted = isCommitted
            entities[Int(entity)].current = index
            enqueue(entity, atFront: true)
        case .queued(let word):
            budget.settle(reservation, .counted(word), now: now)
            worked(isProbe: isProbe, now: now)
            items[Int(index)].deferrals += 1
            items[Int(index)].queuedAnswers += 1
            let delay = settings.queued.delay(after: Int(items[Int(index)].queuedAnswers), random: random)
            hold(index, until: now + delay, .queuedByProvider(until: now + delay))
        case .throttled(let word):
            budget.settle(reservation, .throttled(word.jittered(random)), now: now)
            if isProbe { breaker.probeWithdrawn() }
            concurrency.strained(now: now)
            items[Int(index)].deferrals += 1
            enqueue(entity, atFront: true)
        case .reauthorize:
            budget.settle(reservation, .counted(.silent), now: now)
            if isProbe { breaker.probeWithdrawn() }
            items[Int(index)].deferrals += 1
            enqueue(entity, atFront: true)
        case .unauthorized:
            budget.settle(reservation, .counted(.silent), now: now)
            breaker.trip(.unauthorized, now: now, jitter: random)
            items[Int(index)].deferrals += 1
            enqueue(entity, atFront: true)
        case .unreachable:
            budget.settle(reservation, .unsent, now: now)
            concurrency.strained(now: now)
            items[Int(index)].deferrals += 1
            if breaker.failed(now: now, isProbe: isProbe, jitter: random) { forgiveFailures() }
            let delay = settings.retry.delay(after: Int(items[Int(index)].deferrals), random: random)
            hold(index, until: now + delay, .retry(attempts: Int(items[Int(index)].attempts), at: now + delay))
        case .failed(let key, let word, let instant, let isOwnFault):
            budget.settle(reservation, .counted(word), now: now)
            items[Int(index)].work.key = key
            items[Int(index)].isCommitted = false
            entities[Int(entity)].current = Self.none
            let retryAt = [word.retryAt, instant].compactMap(\.self).max()
            let isHeldAgainstIt: Bool
            if isOwnFault {
                worked(isProbe: isProbe, now: now)
                items[Int(index)].attempts += 1
                suspect(index)
                isHeldAgainstIt = true
            } else {
                isHeldAgainstIt = failed(index, isProbe: isProbe, now: now, random: random)
            }
            return retry(index, isHeldAgainstIt: isHeldAgainstIt, retryAt: retryAt, now: now, random: random)
        case .withdrawn:
            budget.settle(reservation, .unsent, now: now)
            if isProbe { breaker.probeWithdrawn() }
            enqueue(entity, atFront: true)
        }
        return .continues
    }

    /// Ends work that is neither out nor waited for, as when it is cancelled.
    ///
    /// - Returns: `false` when it is out, or not yet the head of its entity.
    package mutating func withdraw(_ id: WorkID) -> Bool {
        let item = items[Int(id.index)]
        let entity = entities[Int(item.entity)]
        guard !item.isOut, !entity.isOut, entity.liveHead == id.index || entity.bulkHead == id.index else {
            return false
        }
        remove(id.index)
        return true
    }

    /// The provider did its work on a call.
    ///
    /// That does not show yet that commands succeed: where reading works and writing fails, each of them gets this far.
    private mutating func worked(isProbe: Bool, now: Instant) {
        breaker.succeeded(now: now, isProbe: isProbe)
        concurrency.succeeded()
    }

    /// The provider did not work on a call.
    ///
    /// - Returns: whether that is held against the command, since others have succeeded.
    private mutating func failed(_ index: Int32, isProbe: Bool, now: Instant, random: Double) -> Bool {
        concurrency.strained(now: now)
        if let first = items[Int(index)].firstFailure, let success = lastSuccess, success > first {
            suspect(index)
        } else if items[Int(index)].firstFailure == nil {
            items[Int(index)].firstFailure = now
        }
        // Nobody has succeeded for long: then the fault may be the provider's after all.
        let isSuspect = items[Int(index)].isSuspect && (lastSuccess.map { now < $0 + Self.suspicion } ?? false)
        // In an outage nobody's attempts count: neither the probe's nor those that led to the opening.
        var counts = breaker.isClosed
        if isSuspect {
            if isProbe { breaker.probeWithdrawn() }
        } else if breaker.failed(now: now, isProbe: isProbe, jitter: random) {
            forgiveFailures()
            counts = false
        }
        if counts {
            items[Int(index)].attempts += 1
            if !isSuspect, failedSinceSuccess.count < 1_000 { failedSinceSuccess.append(index) }
        } else {
            items[Int(index)].deferrals += 1
        }
        return isSuspect
    }

    /// Lets a command wait for its next attempt, unless the last one is spent.
    private mutating func retry(
        _ index: Int32,
        isHeldAgainstIt: Bool,
        retryAt: Instant?,
        now: Instant,
        random: Double
    ) -> Settlement {
        if items[Int(index)].attempts >= settings.retry.maxAttempts {
            // Nothing was done since the command failed first, so that a bad command cannot be told from an outage in which
            // too few calls are made to open the breaker. Whoever has all attempts spent sooner than the breaker looks back
            // wants no such patience.
            if !isHeldAgainstIt, !settings.retry.isShorter(than: settings.breaker.window) {
                forgiveFailures()
                items[Int(index)].deferrals += items[Int(index)].attempts
                items[Int(index)].attempts = 0
                breaker.trip(.failures, now: now, jitter: random)
            } else if deadLetters.spend(now: now) {
                remove(index)
                return .exhausted
            } else {
                items[Int(index)].attempts -= 1
                breaker.trip(.deadLetterBudget, now: now, jitter: random)
            }
        }
        let failures = Int(items[Int(index)].attempts + items[Int(index)].deferrals)
        let backoff = now + settings.retry.delay(after: max(failures, 1), random: random)
        let at = max(backoff, retryAt ?? backoff)
        hold(index, until: at, .retry(attempts: Int(items[Int(index)].attempts), at: at))
        return .continues
    }

    /// How long after another command was done a command's own failures are held against it.
    private static let suspicion: Duration = .seconds(300)

    private mutating func forgiveFailures() {
        for index in failedSinceSuccess where items[Int(index)].attempts > 0 && !items[Int(index)].isSuspect {
            items[Int(index)].attempts -= 1
            items[Int(index)].deferrals += 1
        }
        failedSinceSuccess.removeAll(keepingCapacity: true)
    }
}

extension ProviderWord {
    /// A little later than the provider said, so that its clock and ours need not agree to the millisecond and
    /// workers do not come back all at once: up to 250 ms.
    func jittered(_ random: Double) -> ProviderWord {
        var word = self
        let jitter = Duration.nanoseconds(Int64(250_000_000 * random))
        word.retryAt = retryAt.map { $0 + jitter }
        word.resetAt = resetAt.map { $0 + jitter }
        return word
    }
}
