/// How far a bounded read has come in each of its partitions.
struct Frontier {
    private struct Span {
        var next: Int64
        let end: Int64

        var isDone: Bool { next >= end }
    }

    private var spans: [TopicPartition: Span] = [:]
    private var openCount = 0
    private var finished: [TopicPartition] = []

    var isDone: Bool { openCount == 0 }

    /// Offsets of the next records, of all partitions.
    var offsets: [PartitionOffset] {
        spans.map { PartitionOffset(partition: $0.key, offset: $0.value.next) }.sorted { $0.partition < $1.partition }
    }

    /// Offsets of the next records, of the partitions that have not reached their ends.
    var open: [PartitionOffset] {
        offsets.filter { spans[$0.partition]?.isDone == false }
    }

    mutating func add(_ partition: TopicPartition, from next: Int64, to end: Int64) {
        let span = Span(next: next, end: end)
        guard spans.updateValue(span, forKey: partition) == nil else { return }
        if !span.isDone { openCount += 1 }
    }

    /// Notes records as read; answers those before the ends.
    mutating func advance(_ records: [KafkaRecord]) -> [KafkaRecord] {
        var isComplete = true
        var index = 0
        while index < records.count {
            // A run of one partition is looked up once.
            let first = records[index]
            let partition = first.topicPartition
            let end = spans[partition]?.end ?? 0
            var next = first.offset
            while index < records.count, records[index].partition == first.partition,
                records[index].topic == first.topic
            {
                if records[index].offset >= end { isComplete = false }
                next = records[index].offset &+ 1
                index += 1
            }
            reach(partition, next)
        }
        if isComplete { return records }
        return records.filter { $0.offset < (spans[$0.topicPartition]?.end ?? 0) }
    }

    /// Notes that everything before `offset` has been read; compacted topics and aborted transactions leave gaps.
    mutating func reach(_ partition: TopicPartition, _ offset: Int64) {
        guard let span = spans[partition], offset > span.next else { return }
        spans[partition]?.next = offset
        guard !span.isDone, offset >= span.end else { return }
        openCount -= 1
        finished.append(partition)
    }

    /// Partitions that have reached their ends since the last call.
    mutating func takeFinished() -> [TopicPartition] {
        defer { finished = [] }
        return finished
    }
}
