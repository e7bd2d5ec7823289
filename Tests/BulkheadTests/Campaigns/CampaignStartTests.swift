import ArgumentParser
import Foundation
import Messages
import Testing

@testable import Bulkhead

@Suite struct CampaignStartTests {
    private func command(_ arguments: String...) throws -> CampaignCommand {
        let settings = try SettingsWorld(SettingsWorld.example, environment: SettingsWorld.secrets).settings()
        return try CampaignStartCommand.parse(arguments).command(settings)
    }

    /// What is said of arguments that are wrong.
    private func problem(_ arguments: String...) throws -> String? {
        let settings = try SettingsWorld(SettingsWorld.example, environment: SettingsWorld.secrets).settings()
        do {
            _ = try CampaignStartCommand.parse(arguments).command(settings)
            return nil
        } catch let failure as Failure {
            #expect(failure.status == .usage)
            return failure.lines.first
        }
    }

    @Test func `options say the same as a message`() throws {
        let command = try command(
            "--campaign",
            "autumn",
            "--provider",
            "hatif",
            "--account",
            "main",
            "--distribute",
            "user:a=50",
            "--distribute",
            "ai:b=x=50",
            "--assignee",
            "user:old",
            "--channel",
            "c1",
            "--status",
            "open",
            "--no-lost",
            "--from",
            "2026-11-01T00:00:00Z",
            "--dry-run",
            "--max-rate",
            "2.5",
            "--canary",
            "50",
            "--canary-errors",
            "2",
            "--canary-wait",
            "1m",
            "--max-error-rate",
            "0.05"
        )
        #expect(command.id == "autumn" && command.campaign == "autumn" && command.source == "/bulkhead/cli")
        #expect(
            command.action
                == .distribute([
                    CampaignCommand.Share(assignee: .user("a"), weight: 50),
                    CampaignCommand.Share(assignee: .aiAgent("b=x"), weight: 50),
                ])
        )
        guard case .selection(let selection) = command.members else {
            Issue.record("no selection")
            return
        }
        #expect(selection.fields == ["channels", "status", "assignees", "from", "lost"])
        #expect(selection.lost == false)
        #expect(command.options.dryRun && command.options.maxRate == 2.5 && command.options.maxErrorRate == 0.05)
        #expect(command.options.canary == CampaignCommand.Canary(count: 50, maxErrors: 2, wait: .seconds(60)))
    }

    @Test func `contacts are selected by the one who has them`() throws {
        let start = ["--campaign", "c", "--provider", "aelyst", "--account", "main", "--unassign"]
        func selection(_ arguments: String...) throws -> Selection? {
            let settings = try SettingsWorld(SettingsWorld.example, environment: SettingsWorld.secrets).settings()
            let command = try CampaignStartCommand.parse(start + arguments).command(settings)
            if case .selection(let selection) = command.members { return selection }
            return nil
        }
        #expect(try selection("--assignee", "user:7")?.assignee == .assignee(.user("7")))
        #expect(try selection("--unassigned")?.assignee == .nobody)
        #expect(try selection("--all")?.fields == [])
        #expect(try selection("--filter", #"{"$and":[]}"#)?.fields == ["filter"])
    }

    @Test func `a file holds the data or the event, and may be started under another id and with other limits`() throws
    {
        let file = FileManager.default.temporaryDirectory.appending(path: "campaign-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        let data =
            #"{"campaign":"file","provider":"hatif","account":"main","action":"unassign","select":{},"options":{"maxRate":1}}"#
        for text in [
            data,
            #"{"specversion":"1.0","type":"bulkhead.campaign.start.v1","source":"/crm","id":"e-1","data":\#(data)}"#,
        ] {
            try Data(text.utf8).write(to: file)
            let plain = try command(file.path)
            #expect(plain.campaign == "file" && plain.options.maxRate == 1)
            #expect([plain.id, plain.source] == (text == data ? ["file", "/bulkhead/cli"] : ["e-1", "/crm"]))
            let renamed = try command(file.path, "--campaign", "dry", "--dry-run")
            #expect(renamed.campaign == "dry" && renamed.id == "dry")
            #expect(renamed.options.dryRun && renamed.options.maxRate == 1)
        }
        #expect(try problem(file.path, "--unassign")?.hasPrefix("Give either a file") == true)
        try Data("{".utf8).write(to: file)
        #expect(try problem(file.path)?.hasPrefix("The campaign is no JSON") == true)
    }

    @Test func `targets stand one a line, and a wrong one is named`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "targets-\(UUID().uuidString).txt")
        defer { try? FileManager.default.removeItem(at: file) }
        let ids = ["3a1a4cb7-e7c1-f045-127b-ad2297847528", "3a1a4cb7-e7c1-f045-127b-ad2297847529"]
        let start = ["--campaign", "c", "--provider", "hatif", "--assign", "user:1", "--targets", file.path]
        let settings = try SettingsWorld(SettingsWorld.example, environment: SettingsWorld.secrets).settings()
        try Data("\(ids[0])\r\n\n  \(ids[1].uppercased())".utf8).write(to: file)
        let command = try CampaignStartCommand.parse(start).command(settings)
        #expect(command.members == .targets(ids.map(Target.conversation)))
        #expect(command.account == "default")
        try Data("\(ids[0])\nx".utf8).write(to: file)
        #expect(throws: Failure.self) { try CampaignStartCommand.parse(start).command(settings) }
    }

    @Test func `what is wrong or missing is named before anything is sent`() throws {
        let start = ["--campaign", "c", "--provider", "hatif", "--account", "main"]
        func problem(_ arguments: String...) throws -> String {
            let settings = try SettingsWorld(SettingsWorld.example, environment: SettingsWorld.secrets).settings()
            do {
                _ = try CampaignStartCommand.parse(start + arguments).command(settings)
                return "nothing"
            } catch let failure as Failure {
                return failure.lines.first ?? ""
            }
        }
        #expect(try problem("--unassign").hasPrefix("Give --targets, a selection"))
        #expect(try problem("--unassign", "--all", "--unassigned").hasPrefix("Give either --all"))
        #expect(try problem("--all").hasPrefix("Give exactly one of --assign"))
        #expect(try problem("--all", "--assign", "7").hasPrefix(#"--assign: found "7""#))
        #expect(try problem("--all", "--distribute", "user:a").hasPrefix(#"--distribute: found "user:a""#))
        #expect(try problem("--all", "--distribute", "user:a=0").hasPrefix("data.distribute[0].weight"))
        #expect(try problem("--all", "--unassign", "--canary-wait", "1m").hasPrefix("Give --canary"))
        #expect(try problem("--all", "--unassign", "--max-rate", "0").hasPrefix("data.options.maxRate"))
        #expect(try problem("--unassign", "--from", "yesterday").hasPrefix("--from"))
    }
}
