import Testing

@testable import KafkaClient

@Suite struct FetchProgressTests {
    let zero = ContinuousClock.now
    let one = TopicPartition(topic: "t", partition: 0)

    func watched(next: Int64? = 5) -> FetchProgress {
        var progress = FetchProgress(stallAfter: .seconds(10), now: zero)
        progress.start([PartitionOffset(partition: one, offset: next)], now: zero)
        return progress
    }

    @Test func `a silent partition is asked about after the delay, and healed after a second look`() {
        var progress = watched()
        #expect(progress.suspects(now: zero + .seconds(9)) == [])
        #expect(progress.suspects(now: zero + .seconds(10)) == [one])
        let marks = Watermarks(low: 0, high: 6)
        #expect(progress.weigh(marks, of: one, now: zero + .seconds(10)) == false)
        #expect(progress.suspects(now: zero + .seconds(11)) == [])
        #expect(progress.suspects(now: zero + .seconds(12)) == [one])
        #expect(progress.weigh(marks, of: one, now: zero + .seconds(12)) == true)
        #expect(progress.suspects(now: zero + .seconds(21)) == [])
    }

    @Test func `an idle partition is asked about at long intervals only`() {
        var progress = watched()
        let marks = Watermarks(low: 0, high: 5)
        for second in stride(from: 10, through: 50, by: 10) {
            let now = zero + .seconds(second)
            #expect(progress.suspects(now: now) == [one])
            #expect(progress.weigh(marks, of: one, now: now) == false)
            #expect(progress.suspects(now: now + .seconds(9)) == [])
        }
    }

    @Test func `a record between the two looks clears the suspicion`() {
        var progress = watched()
        _ = progress.suspects(now: zero + .seconds(10))
        #expect(progress.weigh(Watermarks(low: 0, high: 9), of: one, now: zero + .seconds(10)) == false)
        progress.advance(one, to: 6, now: zero + .seconds(11))
        #expect(progress.weigh(Watermarks(low: 0, high: 9), of: one, now: zero + .seconds(12)) == false)
        #expect(progress.suspects(now: zero + .seconds(12)) == [])
    }

    @Test func `paused partitions and busy readers raise no suspicion`() {
        var progress = watched()
        progress.setPaused([one], true, now: zero)
        #expect(progress.suspects(now: zero + .seconds(60)) == [])
        progress.setPaused([one], false, now: zero + .seconds(60))
        #expect(progress.suspects(now: zero + .seconds(69)) == [])
        progress.readerWasBusy(now: zero + .seconds(69))
        #expect(progress.suspects(now: zero + .seconds(75)) == [])
        #expect(progress.suspects(now: zero + .seconds(79)) == [one])
    }

    @Test func `a partition that began at a logical offset is measured from its first record`() {
        var progress = watched(next: nil)
        _ = progress.suspects(now: zero + .seconds(10))
        #expect(progress.weigh(Watermarks(low: 3, high: 3), of: one, now: zero + .seconds(10)) == false)
        _ = progress.suspects(now: zero + .seconds(20))
        #expect(progress.weigh(Watermarks(low: 3, high: 4), of: one, now: zero + .seconds(20)) == false)
        _ = progress.suspects(now: zero + .seconds(22))
        #expect(progress.weigh(Watermarks(low: 3, high: 4), of: one, now: zero + .seconds(22)) == true)
    }

    @Test func `a partition that was given back is forgotten`() {
        var progress = watched()
        progress.stop([one])
        #expect(progress.suspects(now: zero + .seconds(60)) == [])
        #expect(progress.weigh(Watermarks(low: 0, high: 9), of: one, now: zero + .seconds(60)) == false)
        #expect(progress.next(one) == nil)
    }
}
