internal import Logging
internal import Messages
internal import Operations
internal import Pipeline

extension Worker {
    /// The admin server; once it listens, the member's status says where.
    func adminServer(_ listen: ListenAddress, _ metrics: PrometheusMetrics, _ logger: Logger) -> AdminServer {
        let address = status.admin
        return AdminServer(
            host: listen.host,
            port: listen.port,
            routes: routes(metrics),
            logger: logger,
            onListening: { address.text = AdminServer.address(host: listen.host, port: $0) }
        )
    }

    /// What the admin server answers for this process.
    func routes(_ metrics: PrometheusMetrics) -> AdminRoutes {
        AdminRoutes(
            live: { await health().liveProblems().map(ProbeProblem.init) },
            ready: { await health().readyProblems.map(ProbeProblem.init) },
            metrics: { metrics.exposition() },
            status: { await status.status().encoded() },
            lanes: { await status.status().encoded() },
            explain: { id, source in await status.explain(id, source: source)?.encoded() }
        )
    }
}

extension ProbeProblem {
    fileprivate init(_ problem: WorkerHealth.Problem) {
        self.init(code: problem.code, message: problem.message)
    }
}
