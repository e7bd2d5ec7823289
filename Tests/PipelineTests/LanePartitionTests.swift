import Scheduling
import Testing

@testable import Pipeline

@Suite struct LanePartitionTests {
    private let place = LanePartition.OutcomePartition(topic: 0, partition: 3)

    /// As it is after a crash: the last owner's commit says 10, and outcomes up to 20 were read.
    private func takenOver(recovered: [UInt128: Bool]) -> LanePartition {
        var partition = LanePartition(
            number: 0,
            epoch: 1,
            memory: FinishedCommands(capacity: 10),
            replays: ReplayGuard(capacity: 10)
        )
        partition.inherit(place, 10)
        partition.note(place, 20)
        partition.recovered = recovered
        partition.live = LanePartition.Side(ledger: OffsetLedger(mark: 5), rereadEnd: 7)
        return partition
    }

    @Test func `what only outcomes show keeps the last owner's positions in the commits until it was read again`() {
        var partition = takenOver(recovered: [1: true])
        partition.note(place, 21)
        #expect(partition.committedPositions == [place: 10])
        #expect(partition.positions == [place: 21])
        partition.recovered[1] = nil
        #expect(partition.committedPositions == [place: 21])
    }

    @Test func `what is not in the lane any more keeps them only until the last owner's records were read again`() {
        var partition = takenOver(recovered: [1: true])
        _ = partition.live?.ledger.read(5)
        #expect(partition.committedPositions == [place: 10])
        _ = partition.live?.ledger.read(6)
        #expect(partition.committedPositions == [place: 20])
    }
}
