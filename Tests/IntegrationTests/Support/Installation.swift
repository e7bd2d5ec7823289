import Foundation
import KafkaClient
import Logging
import Synchronization
import Testing

/// `bulkhead broker`, `bulkhead simulate` and workers, each a process of its own, and what watches them.
final class Installation: Sendable {
    let plan: Plan
    let kafka: KafkaSettings
    let simulation: Simulation
    let outcomes: OutcomeLog
    let workspace: Workspace
    let broker: Program
    let brokerFaults: BrokerFaults
    private let started: Mutex<[Program]>
    private let workers = Mutex<[Program]>([])
    private let settingsFile: String

    /// Starts broker and simulator, lets `body` work with them, and ends every process, whatever became of it.
    static func run(_ plan: Plan, _ body: (Installation) async throws -> Void) async throws {
        let workspace = try Workspace()
        defer { workspace.remove() }
        let broker = try workspace.start("broker", Tools.bulkhead, plan.brokerArguments)
        let simulator = try workspace.start("simulate", Tools.bulkhead, plan.simulatorArguments)
        let installation = try await Installation(plan, workspace, broker, simulator)
        installation.outcomes.start()
        do {
            try await body(installation)
        } catch {
            await installation.endAll()
            throw error
        }
        await installation.endAll()
    }

    private init(_ plan: Plan, _ workspace: Workspace, _ broker: Program, _ simulator: Program) async throws {
        self.plan = plan
        self.workspace = workspace
        self.broker = broker
        started = Mutex([broker, simulator])
        let servers = try await broker.line(beginning: "bootstrap.servers=").dropFirst("bootstrap.servers=".count)
        let control = try await broker.line(beginning: "control=").dropFirst("control=".count)
        brokerFaults = BrokerFaults(url: String(control))
        let address = try await simulator.line(beginning: "url=").dropFirst("url=".count)
        kafka = KafkaSettings(["bootstrap.servers": String(servers)])
        simulation = Simulation(url: String(address))
        outcomes = OutcomeLog(kafka)
        settingsFile = try workspace.write(
            "bulkhead.yaml",
            plan.settings(bootstrapServers: String(servers), simulator: String(address))
        )
    }

    private func endAll() async {
        await outcomes.stop()
        let programs = started.withLock { $0 }
        for program in programs { program.signal(SIGKILL) }
        for program in programs {
            _ = try? await program.exit()
            let log = program.errors.state.lines.joined(separator: "\n")
            if !log.isEmpty { Attachment.record(log, named: "\(program.name).log") }
        }
    }

    /// Starts `bulkhead run` with the installation's settings.
    func startWorker(_ arguments: String...) throws -> Program {
        let number = workers.withLock { $0.count } + 1
        let program = try start("worker-\(number)", Tools.bulkhead, ["run", "--config", settingsFile] + arguments)
        workers.withLock { $0.append(program) }
        return program
    }

    /// Starts `bulkhead send` with a file of these commands.
    func startSending(_ lines: String, _ arguments: String...) throws -> Program {
        let file = try workspace.write("commands-\(UInt64.random(in: 0 ... .max)).jsonl", lines)
        return try start("send", Tools.bulkhead, ["send", "--config", settingsFile, file] + arguments)
    }

    /// Runs a command of `bulkhead` that has to succeed.
    func bulkhead(_ arguments: String...) async throws {
        try await bulkhead(arguments)
    }

    private func bulkhead(_ arguments: [String]) async throws {
        let program = try start("bulkhead", Tools.bulkhead, arguments + ["--config", settingsFile])
        let exit = try await program.exit()
        #expect(exit == .code(0), "\(program.summary)")
    }

    /// Sends the start of a campaign.
    func startCampaign(_ name: String, _ lane: SampleCommand.Lane, _ options: String...) async throws {
        let target = ["--campaign", name, "--provider", lane.provider, "--account", lane.account]
        try await bulkhead(["campaign", "start"] + target + options)
    }

    /// Sends commands with `bulkhead send` and waits until it is done.
    func send(_ commands: [SampleCommand]) async throws {
        #expect(try await startSending(commands.lines).exit() == .code(0))
    }

    /// Sends commands as a producer of its own.
    func produce(_ commands: [SampleCommand]) async throws {
        let producer = try KafkaProducer(settings: kafka, logger: .silent)
        let records = commands.map { command in
            ProducerRecord(topic: "bulkhead.commands", key: Array(command.entity.utf8), value: Array(command.json.utf8))
        }
        for delivery in await producer.send(records) { _ = try delivery.get() }
        await producer.close()
    }

    /// Sends commands and lets a worker take them in that ends before any of them is called for, so that all of them wait.
    func takeIn(_ commands: [SampleCommand]) async throws {
        let intake = try startWorker("--roles", "intake")
        try await send(commands)
        try await waitUntilTakenIn()
        intake.signal(SIGTERM)
        #expect(try await intake.exit() == .code(0))
    }

    /// Waits until every command that was sent stands in its lane.
    func waitUntilTakenIn() async throws {
        try await waitUntilNothingIsLeft {
            try await KafkaEnds(self.kafka).left(of: ["bulkhead.commands"], group: "bulkhead.intake")
        }
    }

    /// Starts another producer of commands.
    func startKcat(_ path: String, _ commands: [SampleCommand]) throws -> Program {
        let file = try workspace.write("commands-\(UInt64.random(in: 0 ... .max)).tsv", commands.keyedLines)
        let servers = kafka["bootstrap.servers"] ?? ""
        return try start("kcat", path, ["-P", "-b", servers, "-t", "bulkhead.commands", "-K", "\t", "-l", file])
    }

    private func start(_ name: String, _ executable: String, _ arguments: [String]) throws -> Program {
        let program = try workspace.start(name, executable, arguments)
        started.withLock { $0.append(program) }
        return program
    }

    /// Everything that the workers have logged.
    var workerLogs: [String] { workers.withLock { $0 }.flatMap(\.errors.state.lines) }

    /// What the workers have logged as warnings and errors.
    var workerTroubles: [String] { workers.withLock { $0 }.flatMap(\.troubles) }

    /// Ends the workers that still run, as an operator does, and reads the last outcomes.
    func stopWorkers() async throws {
        for worker in workers.withLock({ $0 }) where worker.isRunning {
            worker.signal(SIGTERM)
            #expect(try await worker.exit() == .code(0))
        }
        try await outcomes.catchUp()
    }

    /// Waits until the committed offsets count everything as done, while the workers go on.
    func waitUntilCommitted() async throws {
        try await waitUntilNothingIsLeft { try await self.uncommitted() }
    }

    private func waitUntilNothingIsLeft(_ uncommitted: () async throws -> [String]) async throws {
        var left = try await uncommitted()
        var lastChange = ContinuousClock.now
        while !left.isEmpty {
            guard lastChange.duration(to: .now) < Patience.limit else { throw WaitInVain("the commit of \(left)") }
            // Nothing tells of a commit, so it has to be asked for.
            try await Task.sleep(for: .milliseconds(100))
            let now = try await uncommitted()
            if now != left { lastChange = .now }
            left = now
        }
    }

    /// Work that the groups' committed offsets do not count as done.
    func uncommitted() async throws -> [String] {
        let ends = KafkaEnds(kafka)
        var left = try await ends.left(of: ["bulkhead.commands", "bulkhead.imports"], group: "bulkhead.intake")
        for provider in plan.providers {
            let name = "bulkhead.lane.\(provider.name)"
            left += try await ends.left(of: ["\(name).live", "\(name).bulk"], group: name)
        }
        return left
    }
}
