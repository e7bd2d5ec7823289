internal import KafkaClient
internal import Messages
internal import ProviderKit
internal import Scheduling

/// Passes usual commands on to their lanes as the bytes that they are: no part of them is copied on the way.
///
/// What is in any way out of the ordinary is left to ``IntakeRouting/route(_:now:)``, which makes the same lane record of
/// a command that is taken here.
struct LanePassage: Sendable {
    private let destinations: [UInt64: Destination]
    private let maxBytes: Int

    /// An account's lane; an object, so that finding one copies nothing of it.
    private final class Destination: Sendable {
        /// Index in the places of a block.
        let number: Int
        let entry: AccountEntry
        let partition: Int32
        let live: String
        let bulk: String
        let provider: [UInt8]
        let account: [UInt8]

        init(_ number: Int, _ provider: ProviderEntry, _ entry: AccountEntry, _ topics: TopicNames, _ partition: Int32)
        {
            self.number = number
            self.entry = entry
            self.partition = partition
            live = topics.live(provider.name)
            bulk = topics.bulk(provider.name)
            self.provider = Array(provider.name.utf8)
            account = Array(entry.name.utf8)
        }

        func isCalled(_ provider: Span<UInt8>, _ account: Span<UInt8>) -> Bool {
            LanePassage.equal(self.provider, provider) && LanePassage.equal(self.account, account)
        }
    }

    /// Where a block has what all records of one account share.
    struct Place {
        fileprivate var live: Int
        fileprivate var bulk: Int
        fileprivate var key: Range<Int>
    }

    init(_ topics: TopicNames, _ catalog: ProviderCatalog, _ partitionCounts: [String: Int], maxBytes: Int) {
        var destinations: [UInt64: Destination] = [:]
        for provider in catalog.providers.values {
            for entry in provider.accounts.values {
                let partition = entry.partition(of: partitionCounts[provider.name] ?? 1)
                let destination = Destination(destinations.count, provider, entry, topics, partition)
                let (provider, account) = (destination.provider, destination.account)
                let hash = Self.hash(provider.span, account.span)
                // Of two that look alike the second goes the other way.
                if destinations[hash] == nil { destinations[hash] = destination }
            }
        }
        self.destinations = destinations
        self.maxBytes = maxBytes
    }

    /// The places of a block that has no records yet.
    var places: [Place?] { Array(repeating: nil, count: destinations.count) }

    /// - Returns: `false` when the record is none that can be passed on.
    func pass(
        _ record: RecordBlock.Entry,
        of records: RecordBlock,
        to block: inout ProducerBlock,
        _ places: inout [Place?]
    ) -> Bool {
        guard let range = record.value, isPlain(record, of: records) else { return false }
        let value = records.bytes.span.extracting(range)
        guard let command = CommandOutline(value), let destination = destination(of: command, value) else {
            return false
        }
        let action = command.action(value)
        guard destination.entry.adapter.refusal(of: Operation(action)) == nil else { return false }

        let place = places[destination.number] ?? place(of: destination, &block)
        places[destination.number] = place
        for header in records.headers[record.headers] { block.add(header) }
        let origin = RecordPosition(
            topic: records.topics[record.topic],
            partition: record.partition,
            offset: record.offset,
            timestamp: record.timestamp
        )
        let originRange = block.add { LaneHeaders.writeOrigin(origin, into: &$0) }
        block.add(RecordBlock.Header(name: LaneHeaders.Name.origin, value: originRange))
        if let key = record.key { block.add(RecordBlock.Header(name: LaneHeaders.Name.key, value: key)) }
        let entityRange = block.add { bytes in
            bytes += destination.provider
            bytes.append(UInt8(ascii: "/"))
            bytes += destination.account
            bytes.append(UInt8(ascii: "/"))
            bytes.append(contentsOf: action.target.name.utf8)
        }
        block.add(RecordBlock.Header(name: LaneHeaders.Name.entity, value: entityRange))
        block.append(
            topic: command.isBulk ? place.bulk : place.live,
            partition: destination.partition,
            timestamp: record.timestamp >= 0 ? record.timestamp : nil,
            key: place.key,
            value: range
        )
        return true
    }

    /// Whether nothing beside its value has a say in what the record means.
    private func isPlain(_ record: RecordBlock.Entry, of records: RecordBlock) -> Bool {
        var weight = (record.key?.count ?? 0) + (record.value?.count ?? 0)
        for header in records.headers[record.headers] {
            weight += header.name.utf8.count + (header.value?.count ?? 0) + KafkaHeader.weight
            guard CloudEvent.isPlain(header: header.name, value: header.value.map { records.bytes[$0] }) else {
                return false
            }
        }
        return weight <= maxBytes
    }

    private func destination(of command: CommandOutline, _ value: borrowing Span<UInt8>) -> Destination? {
        let provider = value.extracting(command.provider)
        guard command.account.isEmpty else { return destination(provider, value.extracting(command.account)) }
        return destination(provider, Command.defaultAccount.utf8Span.span)
    }

    private func destination(_ provider: Span<UInt8>, _ account: Span<UInt8>) -> Destination? {
        guard let found = destinations[Self.hash(provider, account)], found.isCalled(provider, account) else {
            return nil
        }
        return found
    }

    private func place(of destination: Destination, _ block: inout ProducerBlock) -> Place {
        Place(
            live: block.number(ofTopic: destination.live),
            bulk: block.number(ofTopic: destination.bulk),
            key: block.add { $0 += destination.account }
        )
    }

    /// FNV-1a.
    private static func hash(_ provider: Span<UInt8>, _ account: Span<UInt8>) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for index in provider.indices { hash = (hash ^ UInt64(provider[index])) &* 0x100_0000_01b3 }
        hash = (hash ^ UInt64(UInt8(ascii: "/"))) &* 0x100_0000_01b3
        for index in account.indices { hash = (hash ^ UInt64(account[index])) &* 0x100_0000_01b3 }
        return hash
    }

    private static func equal(_ left: [UInt8], _ right: Span<UInt8>) -> Bool {
        guard left.count == right.count else { return false }
        for index in 0..<left.count where left[index] != right[index] { return false }
        return true
    }
}
