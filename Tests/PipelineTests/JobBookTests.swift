import KafkaClient
import Messages
import Scheduling
import Testing

@testable import Pipeline

/// A counting worker's book, fed by hand, with the topics that it reads.
private struct JobWorld {
    static let results = TopicPartition(topic: "b.results", partition: 0)

    var book = JobBook(positions: [JobWorld.results: 0])
    var now = Instant(milliseconds: 1_700_000_000_000)
    var control: ControlMessage?
    /// All outcomes so far, as they stand in the topic.
    var topic: [KafkaRecord] = []
    var status: [KafkaRecord] = []
    let topics = TopicNames(prefix: "b")

    var time: Timestamp { Timestamp(now) }

    func plan(_ total: Int, calls: Int? = nil, _ change: (inout CampaignCommand.Options) -> Void = { _ in })
        -> CampaignPlan
    {
        let command = campaign("c", change)
        return CampaignPlan(
            command: command.reference,
            campaign: "c",
            provider: "hatif",
            account: "main",
            total: total,
            calls: calls ?? total,
            options: command.options,
            startedAt: time,
            at: time
        )
    }

    mutating func tell(_ plan: CampaignPlan) {
        write(status: ProducerRecord(topic: topics.status, key: utf8(plan.key), value: plan.encoded()))
    }

    mutating func write(status record: ProducerRecord) {
        let record = read(record, offset: Int64(status.count))
        status.append(record)
        book.add(status: record, now: now)
    }

    mutating func write(result record: ProducerRecord) {
        let record = read(record, offset: Int64(topic.count))
        topic.append(record)
        book.add(outcome: record)
    }

    mutating func end(_ numbers: some Sequence<Int>, _ disposition: Disposition = .applied, replay: Int = 0) {
        for number in numbers {
            var outcome = Outcome(
                command: CommandReference(id: "c/\(number)", source: "/ops", type: MessageType.assign.rawValue),
                disposition: disposition,
                times: Outcome.Times(accepted: time, finished: time)
            )
            outcome.provider = "hatif"
            outcome.account = "main"
            outcome.campaign = "c"
            outcome.replay = replay
            write(result: ProducerRecord(topic: "b.results", partition: 0, key: nil, value: outcome.encoded()))
        }
    }

    mutating func decide(_ action: ControlMessage.Action) {
        control = ControlMessage(action, after: control, by: "me", why: "because", at: time)
    }

    /// A second later: what the book wants written.
    mutating func turn(after pause: Duration = .seconds(1)) -> [JobBook.Entry] {
        now = now + pause
        let control = control
        return book.entries(now: now) { _ in control }
    }

    /// Another worker takes over, with what the topics hold.
    mutating func restart(_ checkpoint: JobCheckpoint) throws {
        let checkpoint = try #require(JobCheckpoint(checkpoint.encoded()))
        let first = checkpoint.start(of: Self.results) ?? 0
        book = JobBook(positions: [Self.results: first], openedAt: checkpoint.open)
        for record in status { book.add(status: record, now: now) }
        for record in topic where record.offset >= first { book.add(outcome: record) }
    }

    var checkpoint: JobCheckpoint { JobCheckpoint(positions: book.positions, open: book.openPositions) }
}

extension [JobBook.Entry] {
    fileprivate var status: JobStatus? {
        compactMap { if case .status(let status) = $0 { status } else { nil } }.last
    }

    fileprivate var completions: [CampaignCompleted] {
        compactMap { if case .campaignCompleted(let event) = $0 { event } else { nil } }
    }

    fileprivate var imports: [ImportCompleted] {
        compactMap { if case .importCompleted(let event) = $0 { event } else { nil } }
    }

    fileprivate var decisions: [(action: ControlMessage.Action, why: String)] {
        compactMap { if case .control(_, let action, let why) = $0 { (action, why) } else { nil } }
    }
}

@Suite struct JobBookTests {
    @Test func `outcomes count once, and the end is told once`() {
        var world = JobWorld()
        world.tell(world.plan(5))
        world.end([1, 2, 1, 1])
        world.end([3], .notFound)
        let middle = world.turn()
        #expect(middle.status?.counts == [.applied: 2, .notFound: 1])
        #expect(middle.status?.state == .running)
        #expect(middle.completions.isEmpty)
        world.end([3], .notFound)
        world.end([4, 5])
        let end = world.turn()
        #expect(end.status?.state == .completed)
        #expect(end.completions.map(\.counts) == [[.applied: 4, .notFound: 1]])
        #expect(end.completions.first?.total == 5)
        world.end([5, 5])
        world.tell(world.plan(5))
        #expect(world.turn().isEmpty)
    }

    @Test func `a replay of a dead letter is a run after the campaign and not counted`() {
        var world = JobWorld()
        world.tell(world.plan(2))
        world.end([1], .exhausted)
        world.end([1], replay: 1)
        #expect(world.turn().status?.counts == [.exhausted: 1])
    }

    @Test func `outcomes may come before it is known how many there will be`() {
        var world = JobWorld()
        world.end([1, 2])
        let status = world.turn().status
        #expect(status?.state == .expanding)
        #expect(status?.total == nil)
        #expect(status?.done == 2)
        world.tell(world.plan(2))
        #expect(world.turn().completions.map(\.command.id) == ["start-c"])
    }

    @Test func `the outcome that a job was first heard of by counts for a successor, too`() throws {
        var world = JobWorld()
        world.write(result: ProducerRecord(topic: "b.results", partition: 0, key: nil, value: utf8("{}")))
        world.end([1, 2])
        try world.restart(world.checkpoint)
        world.tell(world.plan(2))
        #expect(world.turn().completions.map(\.counts) == [[.applied: 2]])
    }

    @Test func `a campaign without members is completed`() {
        var world = JobWorld()
        world.tell(world.plan(0))
        let entries = world.turn()
        #expect(entries.status?.state == .completed)
        #expect(entries.completions.first?.counts == [:])
    }

    @Test func `a start that fails is told with its reason, and has no completion`() {
        var world = JobWorld()
        var outcome = Outcome(
            command: campaign("c").reference,
            disposition: .refused,
            times: Outcome.Times(accepted: world.time, finished: world.time)
        )
        outcome.campaign = "c"
        outcome.reason = "no such channel"
        world.write(result: ProducerRecord(topic: "b.results", partition: 0, key: nil, value: outcome.encoded()))
        let entries = world.turn()
        #expect(entries.status?.state == .failed)
        #expect(entries.status?.reason == "no such channel")
        #expect(entries.completions.isEmpty)
    }

    @Test(arguments: 0...10)
    func `a successor that reads again from where the campaign began counts the same`(done: Int) throws {
        var world = JobWorld()
        // Others' outcomes, before the campaign is heard of and in between.
        world.write(result: ProducerRecord(topic: "b.results", partition: 0, key: nil, value: utf8("{}")))
        world.tell(world.plan(10))
        world.end(1..<(done + 1))
        let early = world.checkpoint
        let before = world.turn().status
        for checkpoint in [early, world.checkpoint, JobCheckpoint(positions: [:], open: [:])] where done < 10 {
            try world.restart(checkpoint)
            #expect(world.turn().status?.counts == before?.counts)
        }
        world.end((done + 1)..<11)
        world.end(1..<11)
        let end = world.turn()
        if done < 10 { #expect(end.completions.map(\.counts) == [[.applied: 10]]) } else { #expect(end.isEmpty) }
    }

    @Test func `the end is not told again by a successor who finds it told, but the last status is written`() throws {
        var world = JobWorld()
        world.tell(world.plan(2))
        let checkpoint = world.checkpoint
        world.end([1, 2])
        let event = try #require(world.turn().completions.first)
        world.write(result: ProducerRecord(topic: "b.results", partition: 0, key: nil, value: event.encoded()))
        // It vanished before the status was written.
        try world.restart(checkpoint)
        let entries = world.turn()
        #expect(entries.completions.isEmpty)
        #expect(entries.status == nil || entries.status?.state == .completed)
    }

    @Test func `a status that is final in the topic stays so`() throws {
        var world = JobWorld()
        world.tell(world.plan(1))
        let checkpoint = world.checkpoint
        world.end([1])
        let status = try #require(world.turn().status)
        world.write(status: ProducerRecord(topic: "b.status", key: utf8(status.key), value: status.encoded()))
        let facts = world.status
        // Compaction keeps the order of keys by their last records, so the fact may come after the end.
        world.status = facts.reversed().sorted { $0.key == utf8(status.key) && $1.key != utf8(status.key) }
        try world.restart(checkpoint)
        #expect(world.turn().isEmpty)
    }

    // MARK: Progress

    private func lane(_ world: JobWorld, _ requests: Int, per: Duration = .seconds(1)) -> ProducerRecord {
        var lane = MemberStatus.Lane(provider: "hatif", account: "main", partition: 0, state: .open)
        lane.limits = [ControlMessage.Limit(requests: requests, per: per, scope: "account")]
        let member = MemberStatus(
            member: "w",
            at: world.time,
            startedAt: world.time,
            version: "1",
            roles: ["lanes"],
            lanes: [lane]
        )
        return ProducerRecord(topic: "b.status", key: utf8("w"), value: member.encoded())
    }

    @Test(arguments: [(Duration.seconds(1), 4), (.seconds(60), 120)])
    func `what is left is told by the granted rate, and by the pace once that has lasted`(per: Duration, lasts: Int)
        throws
    {
        var world = JobWorld()
        world.write(status: lane(world, Int(per.components.seconds) * 100, per: per))
        world.tell(world.plan(100_000, calls: 200_000))
        // Two calls a member: 50 members a second, but only 40 come.
        var done = 0
        var last: JobStatus?
        for second in 0..<(lasts + 20) {
            world.end(done..<(done + 40))
            done += 40
            last = world.turn().status
            guard second < lasts else { continue }
            #expect(last?.remainingMilliseconds == Int64(100_000 - done) * 1_000 / 50)
        }
        let exact = Double(100_000 - done) / 40
        let told = Double(try #require(last?.remainingMilliseconds)) / 1_000
        #expect(abs(told - exact) < exact * 0.02)
        #expect(abs((last?.rate ?? 0) - 40) < 4)
    }

    @Test func `the time of a pause does not count as pace`() {
        var world = JobWorld()
        world.write(status: lane(world, 100))
        world.tell(world.plan(10_000))
        for second in 0..<10 {
            world.end((second * 40)..<((second + 1) * 40))
            _ = world.turn()
        }
        world.decide(.pause)
        for _ in 0..<20 { _ = world.turn() }
        world.decide(.resume)
        var last: JobStatus?
        for second in 10..<20 {
            world.end((second * 40)..<((second + 1) * 40))
            last = world.turn().status
        }
        #expect(last?.remainingMilliseconds == 230_000)
    }

    @Test func `a campaign's own limit counts where it is lower`() {
        var world = JobWorld()
        world.write(status: lane(world, 100))
        world.tell(world.plan(1_000) { $0.maxRate = 10 })
        world.end([1])
        #expect(world.turn().status?.remainingMilliseconds == 99_900)
    }

    @Test func `a pause is told with who and why, and again when it is over`() {
        var world = JobWorld()
        world.tell(world.plan(10))
        world.end([1])
        _ = world.turn()
        world.decide(.pause)
        let paused = world.turn().status
        #expect(paused?.state == .paused)
        #expect(paused?.by == "me" && paused?.reason == "because")
        #expect(paused?.remainingMilliseconds == nil)
        world.decide(.resume)
        #expect(world.turn().status?.state == .running)
        world.decide(.cancel)
        world.end(2..<11, .cancelled)
        let entries = world.turn()
        #expect(entries.status?.state == .cancelled)
        #expect(entries.completions.map(\.state) == [.cancelled])
    }

    // MARK: Canary and error rate

    private func canary(_ world: JobWorld) -> CampaignPlan {
        world.plan(100) { $0.canary = CampaignCommand.Canary(count: 50, maxErrors: 2, wait: .seconds(5)) }
    }

    @Test func `one failure too many among the first stops the campaign, at once and once`() {
        var world = JobWorld()
        world.tell(canary(world))
        world.end(0..<2, .refused)
        world.end([2], .stale)
        #expect(world.turn().decisions.isEmpty)
        world.end([3], .notFound)
        let decisions = world.turn().decisions
        #expect(decisions.map(\.action) == [.pause])
        #expect(decisions.first?.why == "canary: 3 of the first 4 failed, at most 2 may")
        #expect(world.turn().decisions.isEmpty)
        world.decide(.pause)
        #expect(world.turn().status?.state == .paused)
        world.end(4..<50)
        #expect(world.turn(after: .seconds(60)).decisions.isEmpty)
    }

    @Test func `the others go when the first have ended well and people had time to look`() {
        var world = JobWorld()
        world.tell(canary(world))
        world.end(0..<49)
        #expect(world.turn(after: .seconds(60)).status?.state == .canary)
        world.end([49], .refused)
        #expect(world.turn().decisions.isEmpty)
        #expect(world.turn(after: .seconds(4)).decisions.isEmpty)
        let decisions = world.turn().decisions
        #expect(decisions.map(\.action) == [.resume])
        #expect(decisions.first?.why == "canary: 1 of 50 failed, at most 2 may")
        world.decide(.resume)
        #expect(world.turn().status?.state == .running)
    }

    @Test func `fewer members than the canary has are not held up`() {
        var world = JobWorld()
        world.tell(world.plan(3) { $0.canary = CampaignCommand.Canary(count: 50, maxErrors: 0, wait: .seconds(5)) })
        world.end([1])
        #expect(world.turn().status?.state == .running)
        world.end([2, 3])
        #expect(world.turn().completions.count == 1)
    }

    @Test func `too many failures pause the campaign each time, counted anew after somebody lets it go on`() {
        var world = JobWorld()
        world.tell(world.plan(1_000) { $0.maxErrorRate = 0.1 })
        world.end(0..<3, .refused)
        // Too few to judge.
        #expect(world.turn().decisions.isEmpty)
        world.end(3..<20)
        #expect(world.turn().decisions.map(\.why) == ["maxErrorRate: 3 of 20 failed, at most 10 % may"])
        world.decide(.pause)
        #expect(world.turn().decisions.isEmpty)
        world.decide(.resume)
        #expect(world.turn().decisions.isEmpty)
        world.end(20..<40)
        #expect(world.turn().decisions.isEmpty)
        world.end(40..<43, .refused)
        #expect(world.turn().decisions.map(\.why) == ["maxErrorRate: 3 of 23 failed, at most 10 % may"])
    }

    // MARK: Imports

    private func part(_ world: JobWorld, _ index: Int, cards: Int, last: Bool = false) -> ImportPart {
        ImportPart(
            command: CommandReference(id: "i", source: "/ops", type: MessageType.contactsImport.rawValue),
            provider: "hatif",
            account: "main",
            part: ImportCommand.Part(index: index, last: last),
            cards: cards,
            warnings: ["x": index],
            startedAt: world.time,
            at: world.time
        )
    }

    @Test func `an import ends when all its parts are known, in any order, and every card has its outcome`() {
        var world = JobWorld()
        for (index, last) in [(3, true), (1, false), (2, false), (2, false)] {
            let part = part(world, index, cards: 2, last: last)
            if index == 2 { #expect(world.turn().imports.isEmpty) }
            world.write(status: ProducerRecord(topic: "b.status", key: utf8(part.key), value: part.encoded()))
        }
        for card in 1...6 {
            #expect(world.turn().imports.isEmpty)
            var outcome = Outcome(
                command: CommandReference(id: "i/\(card)", source: "/ops", type: MessageType.contactsImport.rawValue),
                disposition: .applied,
                times: Outcome.Times(accepted: world.time, finished: world.time)
            )
            outcome.importMember = Outcome.ImportMember(id: "i", card: card, line: card)
            for _ in 0..<2 {
                world.write(
                    result: ProducerRecord(topic: "b.results", partition: 0, key: nil, value: outcome.encoded())
                )
            }
        }
        let entries = world.turn()
        #expect(entries.imports.map(\.cards) == [6])
        #expect(entries.imports.map(\.counts) == [[.applied: 6]])
        #expect(entries.imports.map(\.warnings) == [["x": 6]])
        let forgotten = entries.compactMap { if case .forget(let key) = $0 { key } else { nil } }
        #expect(forgotten.count == 3)
    }

    @Test(arguments: ["", "{}", "[]", #"{"kind":"jobs"}"#, #"{"positions":7}"#])
    func `a checkpoint that is none is not taken for one`(text: String) {
        #expect(JobCheckpoint(utf8(text)) == nil)
    }

    @Test func `a checkpoint begins where the oldest open job does, and at the beginning of what is new`() throws {
        let (one, two) = (TopicPartition(topic: "a", partition: 0), TopicPartition(topic: "b", partition: 12))
        let checkpoint = JobCheckpoint(
            positions: [one: 100, two: 50],
            open: ["campaign/x": [one: 20], "import/y": [one: 90, two: 60]]
        )
        let back = try #require(JobCheckpoint(checkpoint.encoded()))
        #expect(back == checkpoint)
        #expect(back.start(of: one) == 20)
        #expect(back.start(of: two) == 50)
        #expect(back.start(of: TopicPartition(topic: "c", partition: 0)) == nil)
    }
}
