import Foundation
import Messages
import Testing

/// The files under `schemas/examples`.
struct Example: CustomTestStringConvertible, Sendable {
    var kind: String
    var name: String
    var bytes: [UInt8]

    var testDescription: String { "\(kind)/\(name)" }

    static let schemas = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "schemas")

    /// Examples of a folder below `examples`, by their own folder's name; those of no folder have the kind ``""``.
    static func all(_ folder: String) -> [Example] {
        let root = schemas.appending(path: "examples/\(folder)").path()
        guard let names = FileManager.default.enumerator(atPath: root) else { return [] }
        return names.compactMap { $0 as? String }.filter { $0.hasSuffix(".json") }.sorted().compactMap { path in
            guard let data = FileManager.default.contents(atPath: "\(root)/\(path)") else { return nil }
            let parts = path.dropLast(5).split(separator: "/").map(String.init)
            return Example(kind: parts.count > 1 ? parts[0] : "", name: parts.last ?? "", bytes: Array(data))
        }
    }
}

/// Reads a record without headers that was written at the given time.
func decode(
    _ bytes: [UInt8]?,
    _ headers: [MessageHeader] = [],
    at milliseconds: Int64 = 0
) throws(Rejection) -> InboundMessage {
    try InboundMessage.decode(value: bytes, headers: headers, recordTimestamp: milliseconds)
}

func rejection(of bytes: [UInt8]?, _ headers: [MessageHeader] = []) -> Rejection? {
    do throws(Rejection) {
        _ = try decode(bytes, headers)
        return nil
    } catch {
        return error
    }
}

func utf8(_ text: String) -> [UInt8] { Array(text.utf8) }

/// The example of the design, which tests change in one place.
let assignExample = """
    { "specversion": "1.0", "type": "bulkhead.conversation.assign.v1",
      "source": "/crm/routing", "id": "a-1001", "time": "2026-11-21T09:00:00Z",
      "data": { "provider": "hatif", "account": "main",
                "conversation": "3a1a4cb7-e7c1-f045-127b-ad2297847528",
                "assignee": { "aiAgent": "00aec1fb-ffee-40cc-bf0e-33832c29c61a" } } }
    """
