import Logging
import Metrics
import NIOCore
import ServiceLifecycle
import Testing

@testable import Operations

struct AdminServerTests {
    @Test func `probes pass without problems`() async throws {
        try await AdminWorld().serving { port in
            for path in ["/livez", "/readyz"] {
                let reply = try await HTTPReply.get(path, port: port)
                #expect(reply.status == 200)
                #expect(reply.headers["content-type"] == "application/json")
                #expect(reply.headers["cache-control"] == "no-store")
                #expect(reply.body == "{\"status\":\"ok\",\"problems\":[]}\n")
            }
        }
    }

    @Test func `a probe that fails says why`() async throws {
        var world = AdminWorld()
        world.routes.live = { [ProbeProblem(code: "poll_stalled", message: "No poll of \"hatif\" for 31 s")] }
        try await world.serving { port in
            let reply = try await HTTPReply.get("/livez", port: port)
            #expect(reply.status == 503)
            #expect(
                reply.body == "{\"status\":\"failing\",\"problems\":[{\"code\":\"poll_stalled\","
                    + "\"message\":\"No poll of \\\"hatif\\\" for 31 s\"}]}\n"
            )
            #expect(try await HTTPReply.get("/readyz", port: port).status == 200)
        }
    }

    @Test func `metrics are served as Prometheus text`() async throws {
        let metrics = PrometheusMetrics()
        Counter(label: "bulkhead_intake_routed_total", factory: metrics).increment(by: 3)
        var world = AdminWorld()
        world.routes.metrics = { metrics.exposition() }
        try await world.serving { port in
            let reply = try await HTTPReply.get("/metrics", port: port)
            #expect(reply.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
            #expect(try ExpositionReader(reply.body).value("bulkhead_intake_routed_total") == 3)
        }
    }

    @Test func `status and lanes are passed on as they are`() async throws {
        try await AdminWorld().serving { port in
            let status = try await HTTPReply.get("/api/status", port: port)
            #expect(status.body == "{\"members\":[]}")
            let lanes = try await HTTPReply.get("/api/lanes?x=1", port: port)
            #expect(lanes.body == "{\"lanes\":[]}")
        }
    }

    @Test(arguments: [
        ("a-1001", "a-1001"), ("phone:+49301234567", "phone:+49301234567"), ("import%2F7", "import/7"),
        ("a%20b%C3%BC", "a bü"), ("x&other=1", "x"),
    ])
    func `explain gets the id of the query`(query: String, id: String) async throws {
        var world = AdminWorld()
        world.routes.explain = { asked, source in
            asked == id && source == nil ? Array("{\"found\":true}".utf8) : nil
        }
        try await world.serving { port in
            let reply = try await HTTPReply.get("/api/explain?id=\(query)", port: port)
            #expect(reply.status == 200)
            #expect(reply.body == "{\"found\":true}")
        }
    }

    @Test(arguments: [
        ("/api/explain", 400, "id_missing"), ("/api/explain?id=", 400, "id_missing"),
        ("/api/explain?other=1", 400, "id_missing"), ("/api/explain?id=nobody", 404, "unknown_command"),
        ("/nothing", 404, "not_found"), ("/livez/", 404, "not_found"), ("/..%2f..%2fetc/passwd", 404, "not_found"),
    ])
    func `what cannot be answered has a code`(path: String, status: Int, code: String) async throws {
        try await AdminWorld().serving { port in
            let reply = try await HTTPReply.get(path, port: port)
            #expect(reply.status == status)
            #expect(reply.headers["content-type"] == "application/json")
            #expect(reply.body.hasPrefix("{\"error\":{\"code\":\"\(code)\","))
        }
    }

    @Test func `explain gets the source of the query`() async throws {
        var world = AdminWorld()
        world.routes.explain = { id, source in Array("\(id) of \(source ?? "nobody")".utf8) }
        try await world.serving { port in
            let reply = try await HTTPReply.get("/api/explain?id=a&source=%2Fcrm%2Frouting", port: port)
            #expect(reply.body == "a of /crm/routing")
        }
    }

    @Test func `an id that is too long is not looked for`() async throws {
        try await AdminWorld().serving { port in
            let id = String(repeating: "a", count: AdminResponder.maxIDBytes + 1)
            let reply = try await HTTPReply.get("/api/explain?id=\(id)", port: port)
            #expect(reply.status == 400)
            #expect(reply.body.contains("id_too_long"))
        }
    }

    @Test(arguments: ["/<script>alert(1)</script>", "/api/explain?id=<script>alert(1)</script>"])
    func `nothing of a request comes back`(path: String) async throws {
        try await AdminWorld().serving { port in
            let reply = try await HTTPReply.get(path, port: port)
            #expect(reply.status == 404)
            #expect(!reply.body.contains("script"))
            #expect(reply.headers["x-content-type-options"] == "nosniff")
        }
    }

    @Test(arguments: ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
    func `only reading is allowed`(method: String) async throws {
        try await AdminWorld().serving { port in
            let reply = try await HTTPReply.send(method, "/api/status", port: port)
            #expect(reply.status == 405)
            #expect(reply.headers["allow"] == "GET, HEAD")
        }
    }

    @Test(arguments: ["/", "/livez", "/metrics", "/api/status"])
    func `HEAD has the headers of GET and no body`(path: String) async throws {
        var world = AdminWorld()
        world.routes.metrics = { "a 1\n" }
        try await world.serving { port in
            let get = try await HTTPReply.get(path, port: port)
            let head = try await HTTPReply.send("HEAD", path, port: port)
            #expect(head.status == get.status)
            #expect(head.body.isEmpty)
            #expect(head.headers["content-length"] == "\(get.body.utf8.count)")
            #expect(head.headers["content-type"] == get.headers["content-type"])
        }
    }

    @Test func `the index names every path`() async throws {
        try await AdminWorld().serving { port in
            let index = try await HTTPReply.get("/", port: port).body
            for path in ["/livez", "/readyz", "/metrics", "/api/status", "/api/lanes", "/api/explain"] {
                #expect(index.contains(path))
                #expect(try await HTTPReply.get(path, port: port).body.contains("not_found") == false)
            }
        }
    }

    @Test func `what is not HTTP gets an answer that says so`() async throws {
        try await AdminWorld().serving { port in
            let reply = try await HTTPReply.exchange("GARBAGE\r\n\r\n", port: port)
            #expect(reply.hasPrefix("HTTP/1.1 400"))
            #expect(try await HTTPReply.get("/livez", port: port).status == 200)
        }
    }

    @Test func `a port in use is told with what to do`() async throws {
        try await AdminWorld().serving { port in
            let second = AdminWorld().server(port: port)
            await #expect(throws: AdminServerError.inUse(listen: "127.0.0.1:\(port)")) { try await second.run() }
        }
        #expect(
            AdminServerError.inUse(listen: "127.0.0.1:8087").description
                == "admin.listen 127.0.0.1:8087 is in use: end the process that listens there, or set admin.listen"
                + " to another port (0 takes a free one)"
        )
    }

    @Test(arguments: [
        ("192.0.2.1", AdminServerError.notOurs(listen: "192.0.2.1:0")),
        ("no such host", .unknownHost(listen: "no such host:0")),
    ])
    func `a host that cannot be listened on is told`(host: String, error: AdminServerError) async throws {
        let server = AdminWorld().server(host: host, port: 0)
        await #expect(throws: error) { try await server.run() }
    }

    @Test func `shutdown lets an answer in progress end`() async throws {
        let asked = Gate()
        let release = Gate()
        var world = AdminWorld()
        world.routes.status = {
            asked.open()
            await release.wait()
            return Array("{\"late\":true}".utf8)
        }
        try await world.serving { port, group in
            async let reply = HTTPReply.get("/api/status", port: port)
            await asked.wait()
            await group.triggerGracefulShutdown()
            release.open()
            let body = try await reply.body
            #expect(body == "{\"late\":true}")
        }
        // `serving` returns only when the server has ended, and with it the port is free again.
    }

    @Test func `shutdown does not wait for a connection that asks nothing`() async throws {
        try await AdminWorld().serving { port, group in
            try await HTTPReply.connected(port: port) { inbound, outbound in
                try await outbound.write(.init(string: "GET /livez HTTP/1.1\r\nHost: a\r\n\r\n"))
                var iterator = inbound.makeAsyncIterator()
                _ = try await iterator.next()
                await group.triggerGracefulShutdown()
                while try await iterator.next() != nil {}
            }
        }
    }
}
