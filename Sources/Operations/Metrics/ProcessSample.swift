#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
#endif
#if canImport(Glibc)
internal import Glibc
#endif

/// One number about this process, under the name that Prometheus libraries agree on.
struct ProcessSample: Hashable, Sendable {
    var name: String
    var value: Double

    static let names = [
        "process_cpu_seconds_total", "process_resident_memory_bytes", "process_virtual_memory_bytes",
        "process_open_fds", "process_max_fds", "process_start_time_seconds",
    ]

    /// What `/proc` tells (proc(5)); what it does not tell is left out, and on other systems than Linux that is all.
    static func current() -> [ProcessSample] {
        #if os(Linux)
        let pageSize = Double(sysconf(Int32(_SC_PAGESIZE)))
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        guard ticks > 0, pageSize > 0 else { return [] }
        var samples = text("/proc/self/stat").map { status($0, pageSize: pageSize, ticks: ticks) } ?? []
        if let start = samples.firstIndex(where: { $0.name == "process_start_time_seconds" }) {
            if let boot = text("/proc/stat").flatMap(bootTime) {
                samples[start].value += boot
            } else {
                samples.remove(at: start)
            }
        }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            // The listing itself has one open.
            samples.append(ProcessSample(name: "process_open_fds", value: Double(max(0, open.count - 1))))
        }
        if let most = text("/proc/self/limits").flatMap(openFileLimit) {
            samples.append(ProcessSample(name: "process_max_fds", value: most))
        }
        return samples
        #else
        return []
        #endif
    }

    /// Reads `/proc/self/stat`; the start time is in seconds since the system started.
    static func status(_ text: String, pageSize: Double, ticks: Double) -> [ProcessSample] {
        // The second field is the program's name in parentheses, which may hold blanks and parentheses.
        guard let name = text.lastIndex(of: ")") else { return [] }
        // Field 3 of proc(5) comes first here.
        let fields = text[text.index(after: name)...].split(separator: " ").map { Double($0) }
        func field(_ number: Int) -> Double? { fields.indices.contains(number - 3) ? fields[number - 3] : nil }
        guard let user = field(14), let system = field(15), let start = field(22), let virtual = field(23),
            let resident = field(24)
        else { return [] }
        return [
            ProcessSample(name: "process_cpu_seconds_total", value: (user + system) / ticks),
            ProcessSample(name: "process_resident_memory_bytes", value: resident * pageSize),
            ProcessSample(name: "process_virtual_memory_bytes", value: virtual),
            ProcessSample(name: "process_start_time_seconds", value: start / ticks),
        ]
    }

    static func bootTime(_ text: String) -> Double? {
        text.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
    }

    /// The soft limit; `nil` when there is none.
    static func openFileLimit(_ text: String) -> Double? {
        let prefix = "Max open files"
        let line = text.split(separator: "\n").first { $0.hasPrefix(prefix) }
        return line?.dropFirst(prefix.count).split(separator: " ").first.flatMap { Double($0) }
    }

    private static func text(_ path: String) -> String? {
        try? String(contentsOfFile: path, encoding: .utf8)
    }
}
