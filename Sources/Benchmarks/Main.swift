import ArgumentParser

/// Measures what Bulkhead promises to be fast at; to be run as a release build on a quiet machine.
///
/// Every ratio compares two runs of one repetition, close together in time, so that a machine that is busy or slow
/// troubles both alike. Brokers, provider APIs, workers and the bare loops are processes of their own, so that none
/// pays for another.
@main
struct Benchmarks: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "Benchmarks",
        abstract: "Measures Bulkhead against bare loops and its own goals.",
        subcommands: [
            VCardCommand.self, IntakeBenchmark.self, LaneBenchmark.self, DispatchBenchmark.self, ChooseBenchmark.self,
            MemoryBenchmark.self, ServeBroker.self, ServeSimulator.self, ServeWorker.self, BareCopy.self,
            BareFetch.self,
            BareCalls.self,
        ]
    )
}

struct VCardCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "vcard",
        abstract: "Parsing, mapping and checking of vCards."
    )

    @Argument(parsing: .captureForPassthrough, help: "Arguments of the benchmark.") var arguments: [String] = []

    func run() {
        VCardBenchmark.run(arguments: arguments)
    }
}
