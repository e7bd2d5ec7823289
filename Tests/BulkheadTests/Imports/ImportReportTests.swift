import ArgumentParser
import Foundation
import KafkaClient
import Logging
import Messages
import Pipeline
import ProviderKit
import Providers
import Scheduling
import Testing
import VCard

@testable import Bulkhead

private let terminal = Terminal(outputIsTerminal: false, errorIsTerminal: false)
private let command = importCommand().reference

private func outcome(
    _ card: Int?,
    _ disposition: Disposition,
    id: String = "i-1",
    source: String = "/bulkhead/import",
    reason: String? = nil
) -> Outcome {
    let reference = CommandReference(id: card.map { "\(id)/\($0)" } ?? id, source: source, type: command.type)
    let times = Outcome.Times(accepted: Timestamp(milliseconds: 1), finished: Timestamp(milliseconds: 2))
    var outcome = Outcome(command: reference, disposition: disposition, times: times)
    outcome.importMember = card.map {
        Outcome.ImportMember(id: id, card: $0, line: $0 * 10, codes: [Outcome.ImportMember.Code("empty_card")])
    }
    outcome.reason = reason
    return outcome
}

@Suite struct ImportWatchTests {
    @Test func `each card of the import counts once, and nothing else does`() async {
        let watch = ImportWatch(command) { _ in }
        let seen = [
            outcome(1, .applied), outcome(2, .refused), outcome(1, .applied), outcome(3, .applied, id: "i-2"),
            outcome(4, .applied, source: "/crm"), outcome(nil, .applied), outcome(nil, .rejected, id: "i-2"),
        ]
        for outcome in seen { await watch.take(outcome.encoded()) }
        await watch.take(Array("{}".utf8))
        #expect(await watch.counts == [.applied: 1, .refused: 1])
        #expect(await watch.done == 2)
        #expect(await !watch.isOver)
    }

    @Test func `it is over with the import's completion, or when a part of it was refused`() async {
        func completed(_ id: String) -> [UInt8] {
            ImportCompleted(
                command: CommandReference(id: id, source: command.source, type: command.type),
                provider: "hatif",
                account: "main",
                counts: [.applied: 3],
                cards: 3,
                startedAt: Timestamp(milliseconds: 0),
                finishedAt: Timestamp(milliseconds: 1)
            ).encoded()
        }
        let watch = ImportWatch(command) { _ in }
        await watch.take(completed("i-2"))
        #expect(await !watch.isOver)
        await watch.take(completed("i-1"))
        #expect(await watch.completed?.counts == [.applied: 3])
        let other = ImportWatch(command) { _ in }
        await other.take(outcome(nil, .rejected, reason: "no").encoded())
        #expect(await other.isOver)
        #expect(await other.refused?.reason == "no")
    }
}

@Suite struct FollowingTests {
    @Test func `whoever waits for a follower to begin hears that it could not`() async {
        let settings = KafkaSettings(["no.such.property": "1"])
        let topics = TopicNames(prefix: "bulkhead")
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        await #expect(throws: KafkaError.self) { try await OutcomeWatch { _ in }.start(settings, topics, logger) }
        await #expect(throws: KafkaError.self) {
            try await ImportWatch(command) { _ in }.start(settings, topics, logger)
        }
    }
}

@Suite struct ImportReportTests {
    private func report() -> ImportReport {
        var report = ImportReport(id: "i-1", cards: 10, records: 2)
        report.counts = [.applied: 7, .refused: 2]
        report.warnings = ["bad_email": 1, "bad_date": 3]
        report.tooLarge = [ImportRecords.TooLarge(card: 4, line: 40, bytes: 2_000)]
        report.elapsed = .seconds(83)
        return report
    }

    @Test func `the exit code says whether all, some or none were imported`() {
        var report = report()
        #expect(report.failed == 3 && report.failure?.status == .someFailed)
        report.error = "not_a_vcard"
        #expect(report.failure?.status == .failed)
        report = ImportReport(id: "i-1", cards: 10, records: 2)
        report.counts = [.applied: 9, .unchanged: 1]
        #expect(report.failure == nil)
    }

    @Test func `the summary counts outcomes and warnings`() {
        #expect(
            report().lines(on: terminal) == [
                "Outcome    Cards", "applied        7", "refused        2", "too large      1", "", "Warning    Times",
                "bad_date       3", "bad_email      1", "", "import i-1: 10 cards, 3 failed in 1:23",
            ]
        )
        #expect(
            report().json.line == """
                {"summary":{"import":"i-1","cards":10,"records":2,"failed":3,"counts":{"applied":7,"refused":2},\
                "warnings":{"bad_date":3,"bad_email":1},"tooLarge":[{"card":4,"line":40,"bytes":2000}],"error":null,\
                "elapsedMs":83000}}
                """
        )
    }

    @Test func `a failed card is named by its place and its reason`() {
        #expect(ImportReport.line(outcome(3, .rejected)) == "card 3, line 30: rejected  empty_card")
        #expect(ImportReport.line(outcome(3, .refused, reason: "x\u{1B}y")) == "card 3, line 30: refused  x\u{FFFD}y")
        #expect(ImportReport.line(outcome(nil, .rejected, reason: "no")) == "import i-1: rejected  no")
    }
}

@Suite struct ImportRehearsalTests {
    private func hatif(cards: Int = 50, bytes: Int = 524_288) -> Hatif {
        var settings = HatifSettings(credential: HatifCredential(clientID: "a", clientSecret: Secret("b")))
        settings.cardsPerRequest = cards
        settings.bytesPerRequest = bytes
        return Hatif(settings)
    }

    private func rehearsal(_ importer: any ContactImporting, _ limits: [RateLimit], contacts: Int) -> ImportRehearsal {
        var rehearsal = ImportRehearsal(importer, limits)
        for number in 0..<contacts {
            let phone = Contact.Phone(raw: "", e164: "+9665\(10_000_000 + number)")
            rehearsal.take(Contact(displayName: "Sara", phones: [phone]))
        }
        return rehearsal
    }

    @Test func `requests are as large as the provider takes`() {
        let size = VCardWriter.write(
            Contact(displayName: "Sara", phones: [Contact.Phone(raw: "", e164: "+966510000000")])
        ).utf8.count
        #expect(rehearsal(hatif(), [], contacts: 0).requests == 0)
        #expect(rehearsal(hatif(), [], contacts: 50).requests == 1)
        #expect(rehearsal(hatif(), [], contacts: 51).requests == 2)
        #expect(rehearsal(hatif(bytes: size * 10), [], contacts: 51).requests == 6)
        #expect(rehearsal(hatif(bytes: 1), [], contacts: 3).requests == 3)
        #expect(rehearsal(Aelyst(AelystSettings(token: Secret("t"))), [], contacts: 51).requests == 51)
    }

    @Test(arguments: [
        (RateLimit(requests: 10, per: .seconds(60)), 10, Duration.zero),
        (RateLimit(requests: 10, per: .seconds(60)), 11, .seconds(60)),
        (RateLimit(requests: 10, per: .seconds(60)), 30, .seconds(120)),
        (RateLimit(requests: 10, per: .seconds(60), burst: 1), 11, .seconds(60)),
        (RateLimit(requests: 10, per: .seconds(60), scope: .path), 11, .seconds(60)),
    ]) func `the time is that of the limits`(limit: RateLimit, requests: Int, duration: Duration) {
        #expect(rehearsal(hatif(cards: 1), [limit], contacts: requests).duration == duration)
    }

    @Test func `a limit of one path does not hold back contacts that have a path each`() {
        let limit = RateLimit(requests: 1, per: .seconds(60), scope: .path)
        #expect(rehearsal(Aelyst(AelystSettings(token: Secret("t"))), [limit], contacts: 100).duration == .zero)
    }
}

@Suite struct ImportInputTests {
    @Test func `the same file for the same account is the same import`() throws {
        let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: path) }
        let file = Data(String(repeating: vcard("Sara"), count: 10_000).utf8)
        try file.write(to: path)
        var input = try ImportInput(path.path)
        let first = try input.digest("hatif/main\u{0}")
        let again = try input.digest("hatif/main\u{0}")
        let other = try input.digest("hatif/other\u{0}")
        #expect(first == again && first != other && first.utf8.count == 32)
        var read: [UInt8] = []
        try input.rewind()
        while let chunk = try input.next() { read += chunk }
        #expect(read == Array(file))
        #expect(throws: Failure.self) { try ImportInput(path.path + "x") }
    }
}

@Suite struct ImportOptionsTests {
    @Test func `the command line is checked before anything is read`() throws {
        let command = try ImportCommandLine.parse(["-", "--provider", "hatif", "--label", "a", "--label", "b"])
        #expect(command.account == "default" && command.label == ["a", "b"] && command.partBytes == 524_288)
        for arguments in [
            ["a.vcf"], ["--provider", "hatif"], ["-", "--provider", "hatif", "--part-bytes", "10"],
            ["-", "--provider", "hatif", "--wait", "--dry-run"],
        ] {
            #expect(throws: (any Error).self) { try ImportCommandLine.parse(arguments) }
        }
    }
}
