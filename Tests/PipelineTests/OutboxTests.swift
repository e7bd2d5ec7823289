import KafkaClient
import Scheduling
import Testing

@testable import Pipeline

@Suite struct OutboxTests {
    @Test func `a publication is unfinished from the moment it is there until all of it is stored`() {
        let outbox = Outbox()
        outbox.append(publication(1, epoch: 1))
        outbox.append(publication(2, epoch: 1))
        outbox.append(publication(3, epoch: 2))
        let batch = outbox.take(2)
        #expect(batch.map(\.source.offset) == [1, 2])
        #expect(outbox.hasUnfinished(epoch: 1))
        outbox.finished(batch[0])
        outbox.putBack([batch[1]])
        #expect(outbox.take(10).map(\.source.offset) == [2, 3])
        #expect(outbox.isEmpty)
        #expect(outbox.hasUnfinished(epoch: 1))
        outbox.finished(batch[1])
        #expect(!outbox.hasUnfinished(epoch: 1))
        #expect(outbox.hasUnfinished(epoch: 2))
    }

    @Test func `what may not go yet is passed over and keeps its place`() {
        let outbox = Outbox()
        for (offset, epoch) in [(1, 1), (2, 2), (3, 1), (4, 2), (5, 1)] {
            outbox.append(publication(Int64(offset), epoch: epoch))
        }
        #expect(outbox.take(2) { $0.epoch == 2 }.map(\.source.offset) == [2, 4])
        #expect(outbox.take(2) { $0.epoch == 2 }.isEmpty)
        #expect(!outbox.isEmpty)
        #expect(outbox.take(2).map(\.source.offset) == [1, 3])
        #expect(outbox.take(2).map(\.source.offset) == [5])
    }

    @Test func `an outbox with much in it is full`() {
        let outbox = Outbox()
        for number in 0..<4_999 { outbox.append(publication(Int64(number), epoch: 1)) }
        #expect(!outbox.isFull)
        outbox.append(publication(5_000, epoch: 1))
        #expect(outbox.isFull)
        _ = outbox.take(1)
        #expect(!outbox.isFull)
    }

    private func publication(_ offset: Int64, epoch: Int) -> Outbox.Publication {
        Outbox.Publication(
            source: RecordSource(class: .live, partition: 0, offset: offset),
            epoch: epoch,
            weight: 1
        )
    }
}
