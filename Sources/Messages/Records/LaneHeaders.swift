/// What intake adds to a command's own headers on its way into a lane topic.
///
/// Key and value aside, a lane record is the command as it came; these headers say where it came from.
package struct LaneHeaders: Hashable, Sendable {
    package var origin: RecordPosition
    /// The key of the original record, as bytes; `nil` when it had none.
    package var key: [UInt8]?
    package var entity: String
    package var replays: Int

    package init(origin: RecordPosition, key: [UInt8]?, entity: String, replays: Int = 0) {
        self.origin = origin
        self.key = key
        self.entity = entity
        self.replays = replays
    }

    private enum Name {
        static let topic = "bulkhead-origin-topic"
        static let partition = "bulkhead-origin-partition"
        static let offset = "bulkhead-origin-offset"
        static let timestamp = "bulkhead-origin-timestamp"
        static let key = "bulkhead-origin-key"
        static let entity = "bulkhead-entity"
        static let replays = "bulkhead-replays"
        static let all: Set<String> = [
            topic, partition, offset, timestamp, key, entity, replays, MemberHeader.name, MemberHeader.resumption,
        ]
    }

    /// The command's own headers followed by these.
    ///
    /// Headers of these names that a producer set are left out, so that none can speak for intake.
    package func added(to headers: some Collection<some HeaderField>) -> [MessageHeader] {
        var result = LaneHeaders.stripped(from: headers)
        result.append(MessageHeader(Name.topic, origin.topic))
        result.append(MessageHeader(Name.partition, String(origin.partition)))
        result.append(MessageHeader(Name.offset, String(origin.offset)))
        result.append(MessageHeader(Name.timestamp, String(origin.timestamp)))
        if let key { result.append(MessageHeader(Name.key, key)) }
        result.append(MessageHeader(Name.entity, entity))
        if replays != 0 { result.append(MessageHeader(Name.replays, String(replays))) }
        return result
    }

    /// Reads the headers of a lane record; `nil` when one that has to be there is missing or unreadable.
    package init?(_ headers: some Collection<some HeaderField>) {
        var topic: String?
        var partition: Int32?
        var offset: Int64?
        var timestamp: Int64 = -1
        var key: [UInt8]?
        var entity: String?
        var replays = 0
        for header in headers where header.name.utf8.starts(with: "bulkhead-".utf8) {
            guard let value = header.value else { continue }
            if header.name == Name.key {
                key = value
                continue
            }
            guard let text = String(validating: value, as: UTF8.self) else { continue }
            switch header.name {
            case Name.topic: topic = text
            case Name.partition: partition = Int32(text)
            case Name.offset: offset = Int64(text)
            case Name.timestamp: timestamp = Int64(text) ?? -1
            case Name.entity: entity = text
            case Name.replays: replays = max(0, Int(text) ?? 0)
            default: break
            }
        }
        guard let topic, let partition, let offset, let entity else { return nil }
        let origin = RecordPosition(topic: topic, partition: partition, offset: offset, timestamp: timestamp)
        self.init(origin: origin, key: key, entity: entity, replays: replays)
    }

    /// The headers without those of a lane: what the producer wrote.
    package static func stripped(from headers: some Collection<some HeaderField>) -> [MessageHeader] {
        var result: [MessageHeader] = []
        result.reserveCapacity(headers.count + Name.all.count)
        for header in headers where !Name.all.contains(header.name) { result.append(MessageHeader(header)) }
        return result
    }
}
