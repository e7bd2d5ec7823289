import Foundation
import Logging
import Synchronization
import Testing

@testable import Operations

/// What a handler wrote, at 2026-11-21T09:00:00.250Z.
private final class Written: Sendable {
    private let bytes = Mutex<[[UInt8]]>([])

    var lines: [String] { bytes.withLock { $0.map { String(decoding: $0, as: UTF8.self) } } }

    var output: LogOutput {
        LogOutput(write: { [self] line in bytes.withLock { $0.append(line) } }, now: { 1_795_251_600_250 })
    }

    func logger(_ make: (LogOutput) -> any LogHandler) -> Logger {
        let handler = make(output)
        return Logger(label: "unused", factory: { _ in handler })
    }
}

private struct Broken: Error, CustomStringConvertible {
    var description: String { "it \"broke\"" }
}

struct JSONLogHandlerTests {
    private func date(_ milliseconds: Int64) -> String {
        var bytes: [UInt8] = []
        LogTime(milliseconds: milliseconds).appendDate(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    private func object(_ written: Written) throws -> [String: Any] {
        let line = try #require(written.lines.first)
        return try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test func `an event is one object on one line, in one write`() {
        let written = Written()
        let logger = written.logger { JSONLogHandler(label: "bulkhead", output: $0) }
        logger.warning("Lane closed", metadata: ["reason": "unauthorized", "attempts": "\(3)"])
        logger.info("Plain")
        #expect(
            written.lines == [
                #"{"timestamp":"2026-11-21T09:00:00.250Z","level":"warning","label":"bulkhead","message":"Lane closed","#
                    + #""metadata":{"attempts":"3","reason":"unauthorized"}}"# + "\n",
                #"{"timestamp":"2026-11-21T09:00:00.250Z","level":"info","label":"bulkhead","message":"Plain"}"# + "\n",
            ]
        )
    }

    @Test(arguments: [
        "quote \" and \\ backslash", "line\nfeed\r\ttab", "\u{0}\u{1}\u{1F}\u{7F}", "ü 😀 \u{2028}",
        "{\"level\":\"critical\"}", "",
    ])
    func `any text comes back as it was`(text: String) throws {
        let written = Written()
        written.logger { JSONLogHandler(label: text, output: $0) }.error("\(text)", metadata: ["k \(text)": "\(text)"])
        let object = try object(written)
        #expect(object["message"] as? String == text)
        #expect(object["label"] as? String == text)
        #expect((object["metadata"] as? [String: String]) == ["k \(text)": text])
        #expect(written.lines[0].filter { $0.isNewline && $0 != "\u{2028}" }.count == 1)
    }

    @Test func `nested values are flattened and lists stay lists`() throws {
        let written = Written()
        let logger = written.logger { JSONLogHandler(label: "l", output: $0) }
        logger.info("m", metadata: ["record": ["topic": "t", "at": ["offset": "7"]], "list": ["a", "b\""]])
        let metadata = try #require(try object(written)["metadata"] as? [String: Any])
        #expect(Set(metadata.keys) == ["record.topic", "record.at.offset", "list"])
        #expect(metadata["record.at.offset"] as? String == "7")
        #expect(metadata["list"] as? [String] == ["a", "b\""])
    }

    @Test func `the call's metadata wins over the task's, and that over the logger's`() throws {
        let written = Written()
        let provider = Logger.MetadataProvider { ["b": "task", "c": "task"] }
        var logger = written.logger { JSONLogHandler(label: "l", metadataProvider: provider, output: $0) }
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "b"] = "logger"
        logger[metadataKey: "c"] = "logger"
        logger.info("m", metadata: ["c": "call"])
        #expect(try object(written)["metadata"] as? [String: String] == ["a": "logger", "b": "task", "c": "call"])
    }

    @Test func `an error is told`() throws {
        let written = Written()
        written.logger { JSONLogHandler(label: "l", output: $0) }.error("Failed", error: Broken())
        #expect(try object(written)["metadata"] as? [String: String] == ["error": "it \"broke\""])
    }

    @Test func `levels below the logger's write nothing`() {
        let written = Written()
        var logger = written.logger { JSONLogHandler(label: "l", output: $0) }
        logger.debug("quiet")
        logger.logLevel = .debug
        logger.debug("loud")
        #expect(written.lines.count == 1)
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
        (951_782_400_000, "2000-02-29T00:00:00.000Z"),
        (1_709_251_199_999, "2024-02-29T23:59:59.999Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        (1_798_761_600_005, "2027-01-01T00:00:00.005Z"), (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    ])
    func `times are RFC 3339 in UTC`(milliseconds: Int64, text: String) {
        #expect(date(milliseconds) == text)
    }

    @Test(arguments: [Int64.min, .max]) func `a clock gone mad stops nothing`(milliseconds: Int64) {
        #expect(date(milliseconds).hasSuffix("Z"))
    }
}

struct TextLogHandlerTests {
    @Test func `a line is short and quotes what has blanks`() {
        let written = Written()
        let logger = written.logger { TextLogHandler(label: "bulkhead", output: $0) }
        logger.warning("Lane closed", metadata: ["reason": "no more credit", "provider": "hatif", "empty": ""])
        #expect(
            written.lines == [
                "09:00:00.250 WARN  Lane closed  empty=\"\" provider=hatif reason=\"no more credit\"\n"
            ]
        )
    }

    @Test func `another label than the program's is said`() {
        let written = Written()
        written.logger { TextLogHandler(label: "broker", output: $0) }.info("Up")
        #expect(written.lines == ["09:00:00.250 INFO  broker Up\n"])
    }

    @Test func `no value steers the terminal or starts a line`() {
        let written = Written()
        let logger = written.logger { TextLogHandler(label: "bulkhead", output: $0) }
        logger.info("a\nb", metadata: ["x": "\u{1B}[31mred\u{7}", "y": "1\n09:00 ERROR fake", "z": "\u{202E}txt"])
        #expect(
            written.lines == [
                "09:00:00.250 INFO  a\\nb  x=\\u{1b}[31mred\\u{7} y=\"1\\n09:00 ERROR fake\" z=\\u{202e}txt\n"
            ]
        )
    }

    @Test func `colours are there when asked for`() {
        let written = Written()
        written.logger { TextLogHandler(label: "bulkhead", colors: true, output: $0) }.error("Failed")
        #expect(written.lines == ["\u{1B}[2m09:00:00.250\u{1B}[0m \u{1B}[31mERROR\u{1B}[0m Failed\n"])
    }
}
