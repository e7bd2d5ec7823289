import ArgumentParser
import CRdKafka
import Foundation
import Pipeline
import Scheduling

/// The bare loop that intake is held against: consume and produce of the same bytes with librdkafka alone.
///
/// Without a group, commits, decoding or headers; compression, batching and idempotence as Bulkhead's producer has them.
struct BareCopy: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bare-copy", shouldDisplay: false)

    @Option var bootstrap: String
    @Option var from: String
    @Option var fromPartitions: Int
    @Option var to: String
    @Option var toPartitions: Int
    @Option var count: Int

    func run() throws {
        let consumer = try BareConsumer(bootstrap: bootstrap, topic: from, partitions: fromPartitions)
        let delivered = UnsafeMutablePointer<Int>.allocate(capacity: 1)
        delivered.initialize(to: 0)
        let configuration = try bareConfiguration([
            "bootstrap.servers": bootstrap, "enable.idempotence": "true", "acks": "all", "compression.codec": "lz4",
            "linger.ms": "1", "queue.buffering.max.kbytes": "65536", "queue.buffering.max.messages": "100000",
        ])
        rd_kafka_conf_set_opaque(configuration, delivered)
        rd_kafka_conf_set_dr_msg_cb(configuration) { _, _, opaque in
            opaque?.assumingMemoryBound(to: Int.self).pointee += 1
        }
        guard let producer = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, nil, 0),
            let target = rd_kafka_topic_new(producer, to, nil)
        else { throw ChildFailure(reason: "no producer") }
        // The first round trips, which connect and ask for metadata, are not what is measured.
        var metadata: UnsafePointer<rd_kafka_metadata>?
        rd_kafka_metadata(producer, 0, target, &metadata, 10_000)
        if let metadata { rd_kafka_metadata_destroy(metadata) }

        var messages = [UnsafeMutablePointer<rd_kafka_message_t>?](repeating: nil, count: 4_000)
        var read = 0
        var start = ContinuousClock.now
        var processor = 0.0
        while read < count {
            let got = rd_kafka_consume_batch_queue(consumer.queue, 100, &messages, messages.count)
            if read == 0 {
                start = .now
                processor = BareResult.ownProcessorSeconds
            }
            for index in 0..<max(0, got) {
                guard let message = messages[index] else { continue }
                defer { rd_kafka_message_destroy(message) }
                guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
                read += 1
                let partition = message.pointee.partition % Int32(toPartitions)
                while rd_kafka_produce(
                    target,
                    partition,
                    RD_KAFKA_MSG_F_COPY,
                    message.pointee.payload,
                    message.pointee.len,
                    message.pointee.key,
                    message.pointee.key_len,
                    nil
                ) != 0 {
                    rd_kafka_poll(producer, 10)
                }
            }
            rd_kafka_poll(producer, 0)
        }
        while delivered.pointee < count { rd_kafka_poll(producer, 100) }
        try BareResult(
            seconds: start.duration(to: .now).seconds,
            processorSeconds: BareResult.ownProcessorSeconds - processor
        ).print()
        // The process ends here, and with it everything that the clients hold.
    }
}

/// Reads records whose key is the instant of their production, and prints each one's delay in nanoseconds.
struct BareFetch: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "bare-fetch", shouldDisplay: false)

    @Option var bootstrap: String
    @Option var topic: String
    @Option var count: Int
    @Option var fetchWait: Int

    func run() throws {
        let consumer = try BareConsumer(bootstrap: bootstrap, topic: topic, partitions: 1, fetchWait: fetchWait)
        let clock = WallClock()
        announce("started")
        var read = 0
        while read < count {
            guard let message = rd_kafka_consume_queue(consumer.queue, 1_000) else { continue }
            let now = clock.now
            defer { rd_kafka_message_destroy(message) }
            guard message.pointee.err == RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
            read += 1
            let key = UnsafeRawBufferPointer(start: message.pointee.key, count: message.pointee.key_len)
            guard let produced = Int64(String(decoding: key, as: UTF8.self)) else { continue }
            announce(String(now.nanoseconds - produced))
        }
    }
}

/// A consumer of all partitions of one topic, from their beginning, with the fetch settings of Bulkhead's intake.
///
/// A smaller queue would be full within a moment, and then librdkafka fetches nothing for up to a second.
private struct BareConsumer {
    let queue: OpaquePointer

    init(bootstrap: String, topic name: String, partitions: Int, fetchWait: Int = 100) throws {
        let configuration = try bareConfiguration([
            "bootstrap.servers": bootstrap, "group.id": "bare", "enable.auto.commit": "false",
            "queued.max.messages.kbytes": "65536", "queued.min.messages": "1000000",
            "fetch.message.max.bytes": "4194304",
            "fetch.wait.max.ms": String(fetchWait), "socket.nagle.disable": "true",
        ])
        guard let client = rd_kafka_new(RD_KAFKA_CONSUMER, configuration, nil, 0),
            let queue = rd_kafka_queue_new(client), let topic = rd_kafka_topic_new(client, name, nil)
        else { throw ChildFailure(reason: "no consumer") }
        self.queue = queue
        for partition in 0..<Int32(partitions) {
            let beginning = Int64(RD_KAFKA_OFFSET_BEGINNING)
            guard rd_kafka_consume_start_queue(topic, partition, beginning, queue) == 0 else {
                throw ChildFailure(reason: "partition \(partition) cannot be read")
            }
        }
    }
}

private func bareConfiguration(_ properties: [String: String]) throws -> OpaquePointer {
    guard let configuration = rd_kafka_conf_new() else { throw ChildFailure(reason: "no configuration") }
    for (name, value) in properties {
        guard rd_kafka_conf_set(configuration, name, value, nil, 0) == RD_KAFKA_CONF_OK else {
            throw ChildFailure(reason: "property \(name)")
        }
    }
    return configuration
}
