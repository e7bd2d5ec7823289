/// A header of a record; names may repeat, and their order is kept.
package struct KafkaHeader: Hashable, Sendable {
    package var name: String
    /// `nil` differs from empty.
    package var value: [UInt8]?

    package init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }

    package init(name: String, text: String) {
        self.init(name: name, value: Array(text.utf8))
    }
}

/// A record as it was read.
package struct KafkaRecord: Hashable, Sendable {
    package var topic: String
    package var partition: Int32
    package var offset: Int64
    /// Milliseconds since 1970, or -1 when the record has none.
    package var timestamp: Int64
    package var key: [UInt8]?
    /// `nil`: a tombstone.
    package var value: [UInt8]?
    package var headers: [KafkaHeader]

    package init(
        topic: String,
        partition: Int32,
        offset: Int64,
        timestamp: Int64,
        key: [UInt8]?,
        value: [UInt8]?,
        headers: [KafkaHeader]
    ) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
        self.key = key
        self.value = value
        self.headers = headers
    }

    package var topicPartition: TopicPartition { TopicPartition(topic: topic, partition: partition) }
}

/// A record to be written.
package struct ProducerRecord: Hashable, Sendable {
    package var topic: String
    /// `nil`: chosen by the key as the Java client does (murmur2), at random when there is no key.
    package var partition: Int32?
    package var key: [UInt8]?
    /// `nil`: a tombstone.
    package var value: [UInt8]?
    package var headers: [KafkaHeader]
    /// Milliseconds since 1970; `nil`: the time of sending.
    package var timestamp: Int64?

    package init(
        topic: String,
        partition: Int32? = nil,
        key: [UInt8]? = nil,
        value: [UInt8]?,
        headers: [KafkaHeader] = [],
        timestamp: Int64? = nil
    ) {
        self.topic = topic
        self.partition = partition
        self.key = key
        self.value = value
        self.headers = headers
        self.timestamp = timestamp
    }
}

/// Where the brokers stored a record.
package struct Delivery: Hashable, Sendable {
    package var partition: TopicPartition
    package var offset: Int64

    package init(partition: TopicPartition, offset: Int64) {
        self.partition = partition
        self.offset = offset
    }
}
