/// What the admin server serves; each is asked anew for every request.
package struct AdminRoutes: Sendable {
    /// Problems that a restart would cure: none as long as the poll loops turn.
    package var live: @Sendable () async -> [ProbeProblem]
    /// Problems that say that this process has no share in the work yet.
    package var ready: @Sendable () async -> [ProbeProblem]
    /// Prometheus text.
    package var metrics: @Sendable () async -> String
    /// JSON: the fleet as the screen and `bulkhead status` show it.
    package var status: @Sendable () async -> [UInt8]
    /// JSON: the lanes of this process.
    package var lanes: @Sendable () async -> [UInt8]
    /// JSON: what the commands of that id wait for, those of one source only if it is given; `nil` when this process has
    /// none.
    package var explain: @Sendable (_ id: String, _ source: String?) async -> [UInt8]?

    package init(
        live: @escaping @Sendable () async -> [ProbeProblem],
        ready: @escaping @Sendable () async -> [ProbeProblem],
        metrics: @escaping @Sendable () async -> String,
        status: @escaping @Sendable () async -> [UInt8],
        lanes: @escaping @Sendable () async -> [UInt8],
        explain: @escaping @Sendable (String, String?) async -> [UInt8]?
    ) {
        self.live = live
        self.ready = ready
        self.metrics = metrics
        self.status = status
        self.lanes = lanes
        self.explain = explain
    }
}
