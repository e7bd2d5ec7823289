internal import CRdKafka

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// Owner of a C partition list; one that is not freed makes `rd_kafka_destroy` wait for ever.
struct PartitionList: ~Copyable {
    private let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

    init(_ partitions: some Collection<TopicPartition>) {
        pointer = rd_kafka_topic_partition_list_new(Int32(clamping: partitions.count))
        for partition in partitions {
            rd_kafka_topic_partition_list_add(pointer, partition.topic, partition.partition)
        }
    }

    /// - Parameter unset: stands for an offset that is `nil`; a logical one (`RD_KAFKA_OFFSET_…`).
    init(_ offsets: some Collection<PartitionOffset>, unset: Int64) {
        pointer = rd_kafka_topic_partition_list_new(Int32(clamping: offsets.count))
        for item in offsets {
            guard
                let element = rd_kafka_topic_partition_list_add(
                    pointer,
                    item.partition.topic,
                    item.partition.partition
                )
            else { continue }
            element.pointee.offset = item.offset ?? unset
            guard let metadata = item.metadata, !metadata.isEmpty else { continue }
            // The list frees the copy with free(), so malloc() has to make it.
            var text = metadata
            text.withUTF8 { bytes in
                guard let copy = malloc(bytes.count), let start = bytes.baseAddress else { return }
                copy.copyMemory(from: start, byteCount: bytes.count)
                element.pointee.metadata = copy
                element.pointee.metadata_size = bytes.count
            }
        }
    }

    deinit {
        rd_kafka_topic_partition_list_destroy(pointer)
    }

    /// Lends the list to C calls; it may be freed after its last use in Swift, so a bare pointer would dangle.
    borrowing func lend<Value, Failure: Error>(
        _ body: (UnsafeMutablePointer<rd_kafka_topic_partition_list_t>) throws(Failure) -> Value
    ) throws(Failure) -> Value {
        try body(pointer)
    }

    /// What C calls have left in the list.
    var offsets: [PartitionOffset] { pointer.elements.map(\.partitionOffset) }

    /// The first error that librdkafka noted for a partition of the list.
    var firstError: KafkaError? {
        pointer.elements.first { $0.err != RD_KAFKA_RESP_ERR_NO_ERROR }.map { KafkaError($0.err) }
    }
}

extension UnsafeMutablePointer<rd_kafka_topic_partition_list_t> {
    var elements: UnsafeBufferPointer<rd_kafka_topic_partition_t> {
        UnsafeBufferPointer(start: pointee.elems, count: Int(pointee.cnt))
    }

    var partitions: [TopicPartition] { elements.map(\.topicPartition) }
}

extension rd_kafka_topic_partition_t {
    var topicPartition: TopicPartition { TopicPartition(topic: String(cString: topic), partition: partition) }

    /// A negative offset is one of the logical values and means that none is known.
    var partitionOffset: PartitionOffset {
        var text: String?
        if let metadata, metadata_size > 0 {
            text = String(decoding: UnsafeRawBufferPointer(start: metadata, count: metadata_size), as: UTF8.self)
        }
        return PartitionOffset(partition: topicPartition, offset: offset >= 0 ? offset : nil, metadata: text)
    }
}
