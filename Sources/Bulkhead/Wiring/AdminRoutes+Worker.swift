internal import Messages
internal import Operations
internal import Pipeline

extension Worker {
    /// What the admin server answers for this process.
    func routes(_ metrics: PrometheusMetrics) -> AdminRoutes {
        AdminRoutes(
            live: { await liveProblems() },
            ready: { await readyProblems() },
            metrics: { metrics.exposition() },
            status: { await status.status().encoded() },
            lanes: { await status.status().encoded() },
            explain: { id, source in await status.explain(id, source: source)?.encoded() }
        )
    }
}
