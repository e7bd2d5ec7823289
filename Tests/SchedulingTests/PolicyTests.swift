import Scheduling
import Testing

@Suite struct PolicyTests {
    @Test(arguments: [(1, 0), (2, 1), (3, 3), (4, 7), (5, 15), (6, 23), (7, 31)])
    func `all waits together are as long as their bounds`(attempts: Int, seconds: Int) {
        // 1, 2, 4 and then 8 seconds at most.
        let policy = RetryPolicy(maxAttempts: attempts, base: .seconds(1), cap: .seconds(8))
        #expect(policy.isShorter(than: .seconds(seconds) + .milliseconds(1)))
        #expect(attempts == 1 || !policy.isShorter(than: .seconds(seconds)))
    }

    @Test(arguments: [(1, 1), (2, 2), (3, 4), (8, 128), (9, 256), (10, 300), (1_000_000, 300), (0, 1), (-5, 1)])
    func `a retry waits for anything from nothing to the exponential bound`(failures: Int, seconds: Int) {
        let policy = RetryPolicy()
        #expect(policy.delay(after: failures, random: 0) == .zero)
        #expect(policy.delay(after: failures, random: 0.5) == .milliseconds(500 * seconds))
        #expect(policy.delay(after: failures, random: 0.999) < .seconds(seconds))
        #expect(policy.delay(after: failures, random: 7) == .seconds(seconds))
        #expect(policy.delay(after: failures, random: -7) == .zero)
    }

    @Test(arguments: [(1, 60, 120), (2, 120, 240), (3, 240, 480), (4, 450, 900), (90, 450, 900)])
    func `what the provider has queued is asked for again after minutes`(answers: Int, least: Int, most: Int) {
        let policy = QueuedPolicy()
        #expect(policy.delay(after: answers, random: 0) == .seconds(least))
        #expect(policy.delay(after: answers, random: 1) == .seconds(most))
    }

    @Test func `a success earns one dead letter for five minutes, and a hundred are free`() {
        var budget = DeadLetterBudget()
        for _ in 0..<100 { #expect(budget.spend(now: start) == true) }
        #expect(budget.spend(now: start) == false)
        budget.succeeded(now: start)
        budget.succeeded(now: start)
        #expect(budget.spend(now: start + .seconds(299)) == true)
        #expect(budget.spend(now: start + .seconds(299)) == true)
        #expect(budget.spend(now: start + .seconds(299)) == false)
        // The free ones of the start are free again.
        #expect(budget.spend(now: start + .seconds(300)) == true)
    }

    @Test func `earned dead letters expire, are bounded, and can be switched off`() {
        var settings = DeadLetterBudget.Settings()
        settings.free = 0
        settings.size = 3
        var budget = DeadLetterBudget(settings)
        for _ in 0..<10 { budget.succeeded(now: start) }
        #expect((0..<10).count { _ in budget.spend(now: start) } == 3)
        budget.succeeded(now: start)
        #expect(budget.spend(now: start + .seconds(300)) == false)

        settings.isEnabled = false
        var off = DeadLetterBudget(settings)
        #expect((0..<10_000).allSatisfy { _ in off.spend(now: start) })
    }

    @Test func `strain halves the calls at once, once for those out together, and successes bring them back`() {
        var concurrency = AdaptiveConcurrency(ceiling: 16)
        #expect(concurrency.limit == 16)
        for _ in 0..<16 { concurrency.strained(now: start) }
        #expect(concurrency.limit == 8)
        for second in 1...10 { concurrency.strained(now: start + .seconds(second)) }
        #expect(concurrency.limit == 1)
        for _ in 0..<200 { concurrency.succeeded() }
        #expect(concurrency.limit == 16)
        #expect(AdaptiveConcurrency(ceiling: 0).limit == 1)
    }

    @Test func `the fence knows the latest live command of an entity, and forgets the oldest entities`() {
        var fence = StaleFence(capacity: 2)
        #expect(!fence.isStale(1, time: .distantPast))
        fence.note(1, time: start)
        fence.note(1, time: start + .seconds(-10))
        #expect(fence.isStale(1, time: start + .nanoseconds(-1)))
        #expect(!fence.isStale(1, time: start))
        fence.note(2, time: start)
        fence.note(3, time: start)
        #expect(!fence.isStale(1, time: .distantPast))
        #expect(fence.isStale(2, time: .distantPast))
        #expect(fence.isStale(3, time: .distantPast))
    }

    @Test func `finished commands are known until as many others are`() {
        var memory = FinishedCommands(capacity: 3)
        let first = [1, 2, 3, 1].map { memory.insert($0) }
        #expect(first == [true, true, true, false])
        #expect(memory.insert(4) == true)
        #expect(memory.count == 3)
        #expect(!memory.contains(1))
        let later = [2, 3, 4].map { memory.contains($0) }
        #expect(later == [true, true, true])
        #expect(memory.insert(1) == true)
        #expect(!memory.contains(2))
    }
}
