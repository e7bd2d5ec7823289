/// Every metric that Bulkhead promises to its users, in the order of the documentation.
///
/// Code that counts something new adds its name here; ``PrometheusMetrics/deviations()`` tells what was forgotten.
package enum MetricsCatalog {
    package static let all: [MetricDescription] = commands + lanes + delivery + exporter + process

    private static let commands: [MetricDescription] = [
        MetricDescription(
            "bulkhead_commands_total",
            .counter,
            labels: ["provider", "type", "disposition"],
            unit: "commands",
            "Commands that have their outcome, by type and disposition; without provider and type when intake could "
                + "not tell them"
        ),
        MetricDescription(
            "bulkhead_intake_routed_total",
            .counter,
            unit: "commands",
            "Commands that intake checked and wrote to a lane"
        ),
        MetricDescription(
            "bulkhead_duplicates_total",
            .counter,
            labels: ["provider"],
            unit: "commands",
            "Repeats of a command that were dropped because the command was known; without provider when dropped at intake"
        ),
        MetricDescription(
            "bulkhead_dead_letters_total",
            .counter,
            labels: ["provider", "disposition"],
            unit: "commands",
            "Commands written to the dead letters"
        ),
        MetricDescription(
            "bulkhead_calls_total",
            .counter,
            labels: ["provider", "status"],
            unit: "calls",
            "Calls to the provider that ended, by HTTP status, or by the failure that left them without an answer"
        ),
        MetricDescription(
            "bulkhead_call_seconds",
            .histogram,
            labels: ["provider"],
            unit: "seconds",
            buckets: MetricDescription.callBuckets,
            "Time from writing a request to the end of its answer"
        ),
    ]

    private static let lanes: [MetricDescription] = [
        MetricDescription(
            "bulkhead_wait_seconds",
            .histogram,
            labels: ["provider", "reason"],
            unit: "seconds",
            buckets: MetricDescription.waitBuckets,
            "Time from reading a command to its outcome, by what it waited for last: turn, deferral, queued or retry"
        ),
        MetricDescription(
            "bulkhead_lane_backlog",
            .gauge,
            labels: ["provider", "account", "class"],
            openLabels: ["account"],
            unit: "commands",
            "Commands read and not yet finished, of class live or bulk"
        ),
        MetricDescription(
            "bulkhead_lane_useful_backlog",
            .gauge,
            labels: ["provider"],
            unit: "commands",
            "Commands that only want for a worker: not held back by a limit, a breaker or a pause"
        ),
        MetricDescription(
            "bulkhead_lane_oldest_seconds",
            .gauge,
            labels: ["provider", "account"],
            openLabels: ["account"],
            unit: "seconds",
            folding: .omit,
            "Age of the oldest command that is not finished"
        ),
        MetricDescription(
            "bulkhead_lane_utilization",
            .gauge,
            labels: ["provider", "account"],
            openLabels: ["account"],
            unit: "ratio, 0 to 1",
            folding: .omit,
            "Share of the account's limit that its calls use"
        ),
        MetricDescription(
            "bulkhead_lane_closed",
            .gauge,
            labels: ["provider", "account", "reason"],
            openLabels: ["account"],
            unit: "1 or 0",
            "1 while nothing is sent for the account: failures, unauthorized, dead_letter_budget, throttled or paused"
        ),
        MetricDescription(
            "bulkhead_lane_stuck_total",
            .counter,
            labels: ["provider"],
            unit: "times",
            "Times that work and budget existed but nothing moved, so that a lane joined its group anew; or outcomes waited"
        ),
    ]

    private static let delivery: [MetricDescription] = [
        MetricDescription(
            "bulkhead_offset_metadata_bytes",
            .gauge,
            labels: ["provider"],
            unit: "bytes",
            folding: .omit,
            "Size of the last commit's metadata, which brokers limit to 4,096 bytes by default"
        )
    ]

    private static let exporter: [MetricDescription] = [
        MetricDescription(
            foldedName,
            .counter,
            labels: ["metric"],
            unit: "series",
            "Series that were asked for beyond the bound of their metric and share the series `other`"
        )
    ]

    private static let process: [MetricDescription] = [
        MetricDescription(
            "process_cpu_seconds_total",
            .counter,
            unit: "seconds",
            "Processor time of this process, user and system"
        ),
        MetricDescription(
            "process_resident_memory_bytes",
            .gauge,
            unit: "bytes",
            "Memory of this process that is in RAM"
        ),
        MetricDescription(
            "process_virtual_memory_bytes",
            .gauge,
            unit: "bytes",
            "Address space of this process"
        ),
        MetricDescription("process_open_fds", .gauge, unit: "files", "File descriptors in use"),
        MetricDescription("process_max_fds", .gauge, unit: "files", "File descriptors that this process may use"),
        MetricDescription(
            "process_start_time_seconds",
            .gauge,
            unit: "seconds since 1970",
            "When this process started"
        ),
    ]

    /// Counts what the bound of series held back.
    static let foldedName = "bulkhead_metrics_folded_total"
}
