internal import Crypto

/// Ids of events that Bulkhead emits, made so that a repeat of an event has the id of the first.
package enum EventID {
    /// Lower-case hex of the first 16 bytes of SHA-256 over source, 0x00, id, 0x00 and the decimal number of replays.
    package static func outcome(of command: CommandReference, replay: Int) -> String {
        digest(command.source ?? "", command.id, String(replay))
    }

    /// The id of the event that says a whole import or campaign is done.
    package static func completion(of command: CommandReference) -> String {
        digest(command.source ?? "", command.id, "completed")
    }

    private static func digest(_ first: String, _ second: String, _ third: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(first.utf8.count + second.utf8.count + third.utf8.count + 2)
        bytes.append(contentsOf: first.utf8)
        bytes.append(0)
        bytes.append(contentsOf: second.utf8)
        bytes.append(0)
        bytes.append(contentsOf: third.utf8)
        var text: [UInt8] = []
        text.reserveCapacity(32)
        for byte in SHA256.hash(data: bytes).prefix(16) {
            text.append(lowerHexadecimal(byte >> 4))
            text.append(lowerHexadecimal(byte & 0xF))
        }
        return String(decoding: text, as: UTF8.self)
    }
}
