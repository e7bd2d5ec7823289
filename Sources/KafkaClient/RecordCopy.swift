internal import CRdKafka

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

extension RecordBlock {
    /// Copies a message; nothing of it is referred to afterwards.
    mutating func append(copying message: UnsafePointer<rd_kafka_message_t>, topic: Int, _ names: inout HeaderNames) {
        let start = headers.count
        var list: OpaquePointer?
        if rd_kafka_message_headers(message, &list) == RD_KAFKA_RESP_ERR_NO_ERROR, let list {
            append(headers: list, &names)
        }
        entries.append(
            Entry(
                topic: topic,
                partition: message.pointee.partition,
                offset: message.pointee.offset,
                timestamp: rd_kafka_message_timestamp(message, nil),
                key: add(message.pointee.key, message.pointee.key_len),
                value: add(message.pointee.payload, message.pointee.len),
                headers: start..<headers.count
            )
        )
    }

    private mutating func append(headers list: OpaquePointer, _ names: inout HeaderNames) {
        for index in 0..<rd_kafka_header_cnt(list) {
            var name: UnsafePointer<CChar>?
            var value: UnsafeRawPointer?
            var size = 0
            guard rd_kafka_header_get_all(list, index, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR, let name
            else { break }
            headers.append(Header(name: names.name(name, at: index), value: add(value, size)))
        }
    }

    private mutating func add(_ start: UnsafeRawPointer?, _ count: Int) -> Range<Int>? {
        guard let start else { return nil }
        return bytes.add(UnsafeRawBufferPointer(start: start, count: count))
    }
}

/// Names of the headers of the record before, by position: records of one producer have the same, and share them.
struct HeaderNames {
    private var names: [String] = []

    mutating func name(_ text: UnsafePointer<CChar>, at index: Int) -> String {
        if index < names.count, names[index].withCString({ strcmp($0, text) }) == 0 { return names[index] }
        let name = String(cString: text)
        // Few records have so many headers, and those that do need not be remembered.
        guard index < 32 else { return name }
        if index < names.count { names[index] = name } else { names.append(name) }
        return name
    }
}

/// Swift names of the topics met in one turn, so that records of a topic share one string.
///
/// Valid for one turn only: librdkafka may use a topic's address again after an assignment has ended.
struct TopicNames {
    private var lastTopic: OpaquePointer?
    private var lastName = ""
    private var names: [OpaquePointer: String] = [:]

    mutating func name(of topic: OpaquePointer?) -> String {
        guard let topic else { return "" }
        if topic == lastTopic { return lastName }
        lastTopic = topic
        if let known = names[topic] {
            lastName = known
        } else {
            lastName = String(cString: rd_kafka_topic_name(topic))
            names[topic] = lastName
        }
        return lastName
    }
}
