internal import KafkaClient
internal import Messages

/// How far the outcomes are counted: a record of the status topic under its own key.
struct JobCheckpoint: Hashable, Sendable {
    /// The offset after the last outcome read.
    var positions: [TopicPartition: Int64]
    /// Where the first outcome of each open job can stand.
    var open: [String: [TopicPartition: Int64]]

    static let key = Array("jobs".utf8)

    /// From where a successor has to read; `nil` for a partition that is new.
    func start(of partition: TopicPartition) -> Int64? {
        ([positions[partition]] + open.values.map { $0[partition] }).compactMap(\.self).min()
    }

    init(positions: [TopicPartition: Int64], open: [String: [TopicPartition: Int64]]) {
        self.positions = positions
        self.open = open
    }

    func encoded() -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.beginObject()
        writer.field("kind", "jobs")
        writer.key("positions")
        Self.encode(positions, into: &writer)
        writer.key("open")
        writer.beginObject()
        for (key, positions) in open.sorted(by: { $0.key < $1.key }) {
            writer.key(key)
            Self.encode(positions, into: &writer)
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }

    /// `nil` for a record that is not ours.
    init?(_ value: [UInt8]) {
        guard let json = try? JSON(parsing: value), let positions = json["positions"].flatMap(Self.decode) else {
            return nil
        }
        self.init(positions: positions, open: [:])
        for member in json["open"]?.members ?? [] { open[member.key] = Self.decode(member.value) }
    }

    /// As `{"<topic>": {"<partition>": offset}}`.
    private static func encode(_ positions: [TopicPartition: Int64], into writer: inout JSONWriter) {
        writer.beginObject()
        for (topic, items) in Dictionary(grouping: positions, by: \.key.topic).sorted(by: { $0.key < $1.key }) {
            writer.key(topic)
            writer.beginObject()
            for item in items.sorted(by: { $0.key.partition < $1.key.partition }) {
                writer.key(String(item.key.partition))
                writer.integer(item.value)
            }
            writer.endObject()
        }
        writer.endObject()
    }

    private static func decode(_ json: JSON) -> [TopicPartition: Int64]? {
        guard let topics = json.members else { return nil }
        var positions: [TopicPartition: Int64] = [:]
        for topic in topics {
            for item in topic.value.members ?? [] {
                guard let number = Int32(item.key), let offset = item.value.integerValue else { continue }
                positions[TopicPartition(topic: topic.key, partition: number)] = offset
            }
        }
        return positions
    }
}
