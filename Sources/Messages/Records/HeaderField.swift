/// One header of a Kafka record, as far as messages are concerned.
///
/// Any client's header type can conform, so that decoding needs no copy of a record's headers.
@usableFromInline
package protocol HeaderField {
    var name: String { get }
    /// `nil` is a header without a value, which counts as absent.
    var value: [UInt8]? { get }

    init(name: String, value: [UInt8]?)
}

/// A header to be written.
package struct MessageHeader: HeaderField, Hashable, Sendable {
    package var name: String
    package var value: [UInt8]?

    package init(name: String, value: [UInt8]?) {
        self.name = name
        self.value = value
    }

    package init(_ name: String, _ value: [UInt8]?) {
        self.name = name
        self.value = value
    }

    package init(_ name: String, _ text: String) {
        self.name = name
        value = Array(text.utf8)
    }

    package init(_ header: some HeaderField) {
        name = header.name
        value = header.value
    }
}

extension Collection where Element: HeaderField {
    /// The last value of a header, since what was added later stands further back.
    @inlinable
    package func value(of name: String) -> [UInt8]? {
        var found: [UInt8]?
        for header in self where header.name == name {
            if let value = header.value { found = value }
        }
        return found
    }

    @inlinable
    package func text(of name: String) -> String? {
        value(of: name).flatMap { String(validating: $0, as: UTF8.self) }
    }

    @inlinable
    package func integer<Number: FixedWidthInteger>(of name: String) -> Number? {
        text(of: name).flatMap { Number($0) }
    }
}

/// Where a record stands in Kafka.
package struct RecordPosition: Hashable, Sendable {
    package var topic: String
    package var partition: Int32
    package var offset: Int64
    /// Milliseconds since the Unix epoch; -1 when the record has none.
    package var timestamp: Int64

    package init(topic: String, partition: Int32, offset: Int64, timestamp: Int64) {
        self.topic = topic
        self.partition = partition
        self.offset = offset
        self.timestamp = timestamp
    }

    /// Stands for the id of a command that has none: `<topic>-<partition>-<offset>`.
    package var name: String { "\(topic)-\(partition)-\(offset)" }
}
