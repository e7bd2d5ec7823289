internal import KafkaClient
internal import Messages
internal import VCard

/// Cuts a file into the records of one import: values in, values out.
///
/// The records are in binary mode, the value of each being the cards as they stand in the file. All have the import's id
/// as their key, so that one partition has them in their order.
struct ImportRecords {
    /// A card that no record takes.
    struct TooLarge: Hashable {
        var card: Int
        var line: Int
        var bytes: Int
    }

    private let command: ImportCommand
    private let topic: String
    private var cutter: CardCutter
    /// Kept back until it is known whether it is the last.
    private var held: CardCutter.Part?
    private(set) var count = 0
    private(set) var tooLarge: [TooLarge] = []

    /// - Parameters:
    ///   - command: What all parts say; its content and part are not used.
    ///   - maxBytes: Of the cards of one record.
    init(_ command: ImportCommand, topic: String, maxBytes: Int) {
        self.command = command
        self.topic = topic
        cutter = CardCutter(maxBytes: maxBytes)
    }

    /// Cards found so far.
    var cards: Int { cutter.cards }

    /// Why there is nothing to import, once the file has been read.
    var error: Code? { cutter.fileError }

    mutating func feed(_ bytes: [UInt8]) -> [ProducerRecord] { take(cutter.feed(bytes)) }

    mutating func finish() -> [ProducerRecord] {
        var records = take(cutter.finish())
        if let held { records.append(record(held, last: true)) }
        held = nil
        return records
    }

    private mutating func take(_ cuts: [CardCutter.Cut]) -> [ProducerRecord] {
        var records: [ProducerRecord] = []
        for cut in cuts {
            switch cut {
            case .part(let part):
                if let held { records.append(record(held, last: false)) }
                held = part
            case .oversized(let position, let bytes):
                tooLarge.append(TooLarge(card: position.card, line: position.line, bytes: bytes))
            }
        }
        return records
    }

    private mutating func record(_ part: CardCutter.Part, last: Bool) -> ProducerRecord {
        count += 1
        var extensions = [
            EventExtension("provider", command.provider), EventExtension("account", command.account),
        ]
        if case .named(let country) = command.defaultCountry {
            extensions.append(EventExtension("defaultcountry", country))
        }
        if !command.labels.isEmpty {
            extensions.append(EventExtension("labels", command.labels.joined(separator: ",")))
        }
        extensions += [
            EventExtension("part", String(count)), EventExtension("partlast", String(last)),
            EventExtension("firstcard", String(part.position.card)),
            EventExtension("firstline", String(part.position.line)),
        ]
        let headers = command.event.binaryHeaders(contentType: "text/vcard", extensions: extensions)
        return ProducerRecord(
            topic: topic,
            key: Array(command.id.utf8),
            value: part.bytes,
            headers: headers.map { KafkaHeader(name: $0.name, value: $0.value) }
        )
    }
}
