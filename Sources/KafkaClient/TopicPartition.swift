/// One partition of one topic.
package struct TopicPartition: Hashable, Sendable {
    package var topic: String
    package var partition: Int32

    package init(topic: String, partition: Int32) {
        self.topic = topic
        self.partition = partition
    }
}

extension TopicPartition: Comparable {
    package static func < (left: TopicPartition, right: TopicPartition) -> Bool {
        (left.topic, left.partition) < (right.topic, right.partition)
    }
}

extension TopicPartition: CustomStringConvertible {
    package var description: String { "\(topic)-\(partition)" }
}

/// A place in a partition, with what the group stored beside it.
package struct PartitionOffset: Hashable, Sendable {
    package var partition: TopicPartition
    /// The offset of the next record to read.
    ///
    /// `nil`: none is committed; reading starts where `auto.offset.reset` says.
    package var offset: Int64?
    /// Text that travels with a commit; brokers take 4,096 bytes unless configured otherwise (`offset.metadata.max.bytes`).
    package var metadata: String?

    package init(partition: TopicPartition, offset: Int64?, metadata: String? = nil) {
        self.partition = partition
        self.offset = offset
        self.metadata = metadata
    }
}

/// What the group's coordinator answered for one partition of a commit.
package struct CommitResult: Hashable, Sendable {
    package var partition: TopicPartition
    /// `nil`: committed.
    package var error: KafkaError?

    package init(partition: TopicPartition, error: KafkaError?) {
        self.partition = partition
        self.error = error
    }
}
