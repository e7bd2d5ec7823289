/// Records that were read together, in one piece of memory.
///
/// Taking a record out copies it. Whoever has many to look at, or to pass on, reads ``bytes`` instead, which costs no
/// allocation per record.
package struct RecordBlock: Hashable, Sendable {
    /// Where a record's parts are in ``RecordBlock/bytes``.
    package struct Entry: Hashable, Sendable {
        /// Index in ``RecordBlock/topics``.
        package var topic: Int
        package var partition: Int32
        package var offset: Int64
        /// Milliseconds since 1970, or -1 when the record has none.
        package var timestamp: Int64
        package var key: Range<Int>?
        package var value: Range<Int>?
        /// Indices in ``RecordBlock/headers``.
        package var headers: Range<Int>
    }

    package struct Header: Hashable, Sendable {
        package var name: String
        package var value: Range<Int>?

        package init(name: String, value: Range<Int>?) {
            self.name = name
            self.value = value
        }
    }

    package internal(set) var bytes: [UInt8] = []
    package internal(set) var entries: [Entry] = []
    package internal(set) var headers: [Header] = []
    package internal(set) var topics: [String] = []

    package init() {}

    package init(_ records: some Sequence<KafkaRecord>) {
        for record in records {
            let start = headers.count
            for header in record.headers {
                headers.append(Header(name: header.name, value: header.value.map { bytes.add($0) }))
            }
            entries.append(
                Entry(
                    topic: topics.number(of: record.topic),
                    partition: record.partition,
                    offset: record.offset,
                    timestamp: record.timestamp,
                    key: record.key.map { bytes.add($0) },
                    value: record.value.map { bytes.add($0) },
                    headers: start..<headers.count
                )
            )
        }
    }

    package func topicPartition(of entry: Entry) -> TopicPartition {
        TopicPartition(topic: topics[entry.topic], partition: entry.partition)
    }
}

extension RecordBlock: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { entries.count }

    package subscript(index: Int) -> KafkaRecord {
        let entry = entries[index]
        return KafkaRecord(
            topic: topics[entry.topic],
            partition: entry.partition,
            offset: entry.offset,
            timestamp: entry.timestamp,
            key: entry.key.map { Array(bytes[$0]) },
            value: entry.value.map { Array(bytes[$0]) },
            headers: headers[entry.headers].map { header in
                KafkaHeader(name: header.name, value: header.value.map { Array(bytes[$0]) })
            }
        )
    }
}

/// Records to be written together, in one piece of memory beside the records that they pass on.
///
/// For those who write as many as they read: ``ProducerRecord`` is several allocations each. Ranges are those of the
/// source's bytes; bytes that were added follow behind.
package struct ProducerBlock: Sendable {
    struct Entry {
        var topic: Int
        var partition: Int32?
        var timestamp: Int64?
        var key: Range<Int>?
        var value: Range<Int>?
        var headers: Range<Int>
    }

    let source: [UInt8]
    private(set) var added: [UInt8] = []
    private(set) var entries: [Entry] = []
    private(set) var headers: [RecordBlock.Header] = []
    private(set) var topics: [String] = []

    /// - Parameter extra: bytes that each record is likely to add.
    package init(passingOn records: RecordBlock, extra: Int) {
        source = records.bytes
        added.reserveCapacity(records.count * extra)
        entries.reserveCapacity(records.count)
        headers.reserveCapacity(records.headers.count + records.count * 3)
    }

    package var count: Int { entries.count }

    /// A number for the topic, for ``append(topic:partition:timestamp:key:value:)``.
    package mutating func number(ofTopic name: String) -> Int { topics.number(of: name) }

    /// Adds bytes by appending them, and says where they are.
    package mutating func add(_ write: (inout [UInt8]) -> Void) -> Range<Int> {
        let start = added.count
        write(&added)
        return source.count + start..<source.count + added.count
    }

    /// Adds a header to the record that is appended next.
    package mutating func add(_ header: RecordBlock.Header) {
        headers.append(header)
    }

    package mutating func append(
        topic: Int,
        partition: Int32?,
        timestamp: Int64?,
        key: Range<Int>?,
        value: Range<Int>?
    ) {
        entries.append(
            Entry(
                topic: topic,
                partition: partition,
                timestamp: timestamp,
                key: key,
                value: value,
                headers: (entries.last?.headers.upperBound ?? 0)..<headers.count
            )
        )
    }

    package mutating func append(_ record: ProducerRecord) {
        for header in record.headers { add(RecordBlock.Header(name: header.name, value: add(header.value))) }
        append(
            topic: number(ofTopic: record.topic),
            partition: record.partition,
            timestamp: record.timestamp,
            key: add(record.key),
            value: add(record.value)
        )
    }

    private mutating func add(_ bytes: [UInt8]?) -> Range<Int>? {
        bytes.map { bytes in add { $0 += bytes } }
    }

    package subscript(index: Int) -> ProducerRecord {
        let entry = entries[index]
        return ProducerRecord(
            topic: topics[entry.topic],
            partition: entry.partition,
            key: copy(entry.key),
            value: copy(entry.value),
            headers: headers[entry.headers].map { KafkaHeader(name: $0.name, value: copy($0.value)) },
            timestamp: entry.timestamp
        )
    }

    private func copy(_ range: Range<Int>?) -> [UInt8]? {
        guard let range else { return nil }
        guard range.lowerBound >= source.count else { return Array(source[range]) }
        return Array(added[range.lowerBound - source.count..<range.upperBound - source.count])
    }
}

extension [UInt8] {
    /// Appends bytes and says where they are.
    mutating func add(_ more: some Collection<UInt8>) -> Range<Int> {
        let start = count
        append(contentsOf: more)
        return start..<count
    }
}

extension [String] {
    /// The place of a name among the few there are; the latest one first, as neighbours mostly agree.
    mutating func number(of name: String) -> Int {
        if let known = lastIndex(of: name) { return known }
        append(name)
        return count - 1
    }
}
