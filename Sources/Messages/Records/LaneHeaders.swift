/// What intake adds to a command's own headers on its way into a lane topic.
///
/// Key and value aside, a lane record is the command as it came; these headers say where it came from.
@usableFromInline
package struct LaneHeaders: Hashable, Sendable {
    package var origin: RecordPosition
    /// The key of the original record, as bytes; `nil` when it had none.
    @usableFromInline package var key: [UInt8]?
    @usableFromInline package var entity: String
    @usableFromInline package var replays: Int

    package init(origin: RecordPosition, key: [UInt8]?, entity: String, replays: Int = 0) {
        self.origin = origin
        self.key = key
        self.entity = entity
        self.replays = replays
    }

    @usableFromInline
    package enum Name {
        @usableFromInline package static let origin = "bulkhead-origin"
        @usableFromInline package static let key = "bulkhead-origin-key"
        @usableFromInline package static let entity = "bulkhead-entity"
        @usableFromInline static let replays = "bulkhead-replays"

        @usableFromInline
        static func contains(_ name: String) -> Bool {
            name.utf8.starts(with: "bulkhead-".utf8)
                && [origin, key, entity, replays, MemberHeader.name, MemberHeader.resumption].contains(name)
        }
    }

    /// The command's own headers followed by these.
    ///
    /// Headers of these names that a producer set are left out, so that none can speak for intake. Inlinable for the
    /// sake of intake, which does this with every record: a client's own type of header costs as much again otherwise.
    @inlinable
    package func added<Header: HeaderField>(to headers: some Collection<Header>) -> [Header] {
        var result: [Header] = []
        result.reserveCapacity(headers.count + 4)
        for header in headers where !Name.contains(header.name) { result.append(header) }
        result.append(Header(name: Name.origin, value: originBytes))
        if let key { result.append(Header(name: Name.key, value: key)) }
        result.append(Header(name: Name.entity, value: Array(entity.utf8)))
        if replays != 0 { result.append(Header(name: Name.replays, value: Array(String(replays).utf8))) }
        return result
    }

    /// Reads the headers of a lane record; `nil` when one that has to be there is missing or unreadable.
    package init?(_ headers: some Collection<some HeaderField>) {
        var origin: RecordPosition?
        var key: [UInt8]?
        var entity: String?
        var replays = 0
        for header in headers {
            let name = header.name
            guard name.utf8.starts(with: "bulkhead-".utf8), let value = header.value else { continue }
            switch name {
            case Name.origin: origin = LaneHeaders.origin(value)
            case Name.key: key = value
            case Name.entity: entity = String(validating: value, as: UTF8.self)
            case Name.replays:
                replays = max(0, String(validating: value, as: UTF8.self).flatMap { Int($0) } ?? 0)
            default: break
            }
        }
        guard let origin, let entity else { return nil }
        self.init(origin: origin, key: key, entity: entity, replays: replays)
    }

    /// `<topic>/<partition>/<offset>/<timestamp>`: one header, since each costs intake and every lane record.
    @usableFromInline
    var originBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(origin.topic.utf8.count + 48)
        Self.writeOrigin(origin, into: &bytes)
        return bytes
    }

    /// Appends the value of the header ``Name/origin``.
    package static func writeOrigin(_ origin: RecordPosition, into bytes: inout [UInt8]) {
        bytes.append(contentsOf: origin.topic.utf8)
        bytes.append(decimal: Int64(origin.partition), after: UInt8(ascii: "/"))
        bytes.append(decimal: origin.offset, after: UInt8(ascii: "/"))
        bytes.append(decimal: origin.timestamp, after: UInt8(ascii: "/"))
    }

    /// Reads what ``originBytes`` wrote; Kafka's names of topics have no slash.
    private static func origin(_ value: [UInt8]) -> RecordPosition? {
        let parts = value.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 4, let topic = String(validating: parts[0], as: UTF8.self) else { return nil }
        func number<Number: FixedWidthInteger>(_ part: Int) -> Number? {
            String(validating: parts[part], as: UTF8.self).flatMap { Number($0) }
        }
        guard let partition: Int32 = number(1), let offset: Int64 = number(2), let timestamp: Int64 = number(3) else {
            return nil
        }
        return RecordPosition(topic: topic, partition: partition, offset: offset, timestamp: timestamp)
    }

    /// The headers without those of a lane: what the producer wrote.
    @inlinable
    package static func stripped<Header: HeaderField>(from headers: some Collection<Header>) -> [Header] {
        headers.filter { !Name.contains($0.name) }
    }
}

extension [UInt8] {
    /// Appends a byte and a number in decimal, without making text of it first.
    fileprivate mutating func append(decimal number: Int64, after separator: UInt8) {
        var length = number < 0 ? 3 : 2
        var rest = number.magnitude
        while rest >= 10 {
            rest /= 10
            length += 1
        }
        append(contentsOf: repeatElement(separator, count: length))
        var position = count
        rest = number.magnitude
        var digits = mutableSpan
        repeat {
            position -= 1
            digits[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        if number < 0 { digits[position - 1] = UInt8(ascii: "-") }
    }
}
