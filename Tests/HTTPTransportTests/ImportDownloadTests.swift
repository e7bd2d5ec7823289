import Crypto
import Foundation
import Messages
import ProviderKit
import Synchronization
import Testing

@testable import HTTPTransport

private let file = "BEGIN:VCARD\r\nFN:Sara\r\nEND:VCARD\r\n"

private func answer(_ body: String, status: String = "200 OK", headers: String = "", length: Int? = nil) -> String {
    "HTTP/1.1 \(status)\r\n\(headers)Content-Length: \(length ?? body.utf8.count)\r\n\r\n\(body)"
}

private func redirect(to location: String, status: Int = 302) -> String {
    answer("", status: "\(status) Found", headers: "Location: \(location)\r\n")
}

private func digest(_ text: String) -> String {
    SHA256.hash(data: Array(text.utf8)).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

private func settings(_ change: (inout ImportDownloader.Settings) -> Void = { _ in }) -> ImportDownloader.Settings {
    var settings = ImportDownloader.Settings()
    settings.allowsPrivateAddresses = true
    change(&settings)
    return settings
}

private func fetched(
    _ downloader: ImportDownloader,
    _ url: String,
    of content: String = file,
    bytes: Int64? = nil
) async throws -> String {
    let download = ImportCommand.Download(url: url, sha256: digest(content), bytes: bytes)
    var received: [UInt8] = []
    try await downloader.download(download) { chunk in
        received += chunk
        return true
    }
    return String(decoding: received, as: UTF8.self)
}

private func failure(
    _ downloader: ImportDownloader,
    _ url: String,
    of content: String = file,
    bytes: Int64? = nil
) async -> ImportDownloadFailure? {
    do {
        _ = try await fetched(downloader, url, of: content, bytes: bytes)
        return nil
    } catch {
        return error as? ImportDownloadFailure
    }
}

/// Answers for hosts, and counts what it was asked.
private final class Names: Sendable {
    private let answers: Mutex<[String: [[String]]]>
    let asked = Mutex<[String]>([])

    /// - Parameter answers: for each host one list of addresses for each time it is looked up; the last one stays.
    init(_ answers: [String: [[String]]]) { self.answers = Mutex(answers) }

    var resolve: ImportDownloader.Resolver {
        { host in
            self.asked.withLock { $0.append(host) }
            return self.answers.withLock { answers in
                guard let first = answers[host]?.first else { return [] }
                if answers[host]?.count ?? 0 > 1 { answers[host]?.removeFirst() }
                return first
            }
        }
    }
}

@Suite struct ImportDownloadTests {
    @Test(arguments: [1 << 20, 10]) func `a file comes whole, from memory or from disk`(memoryLimit: Int) async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        defer { try? FileManager.default.removeItem(at: directory) }
        let large = String(repeating: file, count: 100_000)
        try await ScriptedServer.run({ _ in .answer(answer(large)) }) { server in
            let downloader = ImportDownloader(
                settings {
                    $0.memoryLimit = memoryLimit
                    $0.directory = directory.path
                }
            )
            let url = "http://127.0.0.1:\(server.port)/a.vcf?key=1#x"
            let content = try await fetched(downloader, url, of: large, bytes: Int64(large.utf8.count))
            #expect(content == large)
            let request = try #require(server.requests.first)
            #expect(request.hasPrefix("GET /a.vcf?key=1 HTTP/1.1\r\n"))
            #expect(request.lowercased().contains("accept-encoding: identity\r\n"))
            var chunks = 0
            let download = ImportCommand.Download(url: url, sha256: digest(large))
            try await downloader.download(download) { _ in
                chunks += 1
                let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
                #expect(names.isEmpty)
                return false
            }
            #expect(chunks == 1)
        }
    }

    @Test func `what the receiver throws comes out as it is`() async throws {
        struct Stop: Error {}
        try await ScriptedServer.run({ _ in .answer(answer(file)) }) { server in
            let download = ImportCommand.Download(url: "http://127.0.0.1:\(server.port)/", sha256: digest(file))
            await #expect(throws: Stop.self) {
                try await ImportDownloader(settings()).download(download) { _ in throw Stop() }
            }
        }
    }

    @Test func `nothing of a wrong file is handed out`() async throws {
        try await ScriptedServer.run({ _ in .answer(answer(file)) }) { server in
            let url = "http://127.0.0.1:\(server.port)/"
            let downloader = ImportDownloader(settings())
            let other = ImportCommand.Download(url: url, sha256: digest("other"))
            await #expect(throws: ImportDownloadFailure.self) {
                try await downloader.download(other) { _ in
                    Issue.record("handed out")
                    return true
                }
            }
            #expect(await failure(downloader, url, of: "other")?.code == .wrongDigest)
            #expect(await failure(downloader, url, bytes: 5)?.code == .wrongLength)
            #expect(await failure(downloader, url, bytes: 500)?.code == .wrongLength)
            let small = ImportDownloader(settings { $0.maxBytes = 20 })
            #expect(await failure(small, url)?.code == .tooLarge)
            let count = server.requests.count
            #expect(await failure(small, url, bytes: 21)?.code == .tooLarge)
            #expect(server.requests.count == count)
        }
    }

    @Test func `a file without a length is measured as it comes`() async throws {
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        let body = "5\r\nBEGIN\r\n5\r\nBEGIN\r\n5\r\nBEGIN\r\n"
        // The chunk that would end the body never comes.
        try await ScriptedServer.run({ _ in .answer(chunked + body) }) { server in
            let url = "http://127.0.0.1:\(server.port)/"
            #expect(await failure(ImportDownloader(settings { $0.maxBytes = 12 }), url)?.code == .tooLarge)
            #expect(await failure(ImportDownloader(settings()), url, bytes: 12)?.code == .wrongLength)
        }
    }

    @Test(arguments: [
        ("200 OK", nil), ("404 Not Found", ImportDownloadFailure.Kind.permanent), ("403 No", .permanent),
        ("204 Empty", .permanent), ("500 Oops", .transient), ("503 Busy", .transient), ("429 Slow", .transient),
    ]) func `only status 200 is a file`(status: String, kind: ImportDownloadFailure.Kind?) async throws {
        try await ScriptedServer.run({ _ in .answer(answer(status.hasPrefix("204") ? "" : file, status: status)) }) {
            server in
            let failed = await failure(ImportDownloader(settings()), "http://127.0.0.1:\(server.port)/?key=secret")
            #expect(failed?.kind == kind)
            #expect(failed?.code == (kind == nil ? nil : .status))
            #expect(failed?.reason.contains("secret") != true)
        }
    }

    @Test(arguments: ["", answer(file, length: 10_000)])
    func `a body that never ends is given up`(text: String) async throws {
        try await ScriptedServer.run({ _ in .answer(text) }) { server in
            let downloader = ImportDownloader(settings { $0.timeout = .milliseconds(200) })
            let failed = await failure(downloader, "http://127.0.0.1:\(server.port)/")
            #expect(failed?.code == .timeout && failed?.kind == .transient)
        }
    }

    @Test func `a server that goes away is tried again`() async throws {
        var port = 0
        try await ScriptedServer.run({ _ in .close }) { server in
            port = server.port
            let failed = await failure(ImportDownloader(settings()), "http://127.0.0.1:\(port)/")
            #expect(failed?.code == .unreachable && failed?.kind == .transient)
        }
        let failed = await failure(ImportDownloader(settings()), "http://127.0.0.1:\(port)/")
        #expect(failed?.code == .unreachable && failed?.kind == .transient)
        let nameless = ImportDownloader(settings(), resolve: Names([:]).resolve)
        let unknown = await failure(nameless, "http://files.example/")
        #expect(unknown?.code == .unreachable && unknown?.reason == "files.example: name not resolved")
    }

    @Test(arguments: ["files.example", "files%2Eexample"])
    func `a name is looked up once, and the connection goes to the address that was checked`(
        host: String
    ) async throws {
        // Nothing else answers for this name: the request arrives only if nobody else looks it up.
        let names = Names(["files.example": [["127.0.0.1"], ["192.0.2.1"]]])
        try await ScriptedServer.run({ _ in .answer(answer(file)) }) { server in
            let downloader = ImportDownloader(settings(), resolve: names.resolve)
            let content = try await fetched(downloader, "http://\(host):\(server.port)/")
            #expect(content == file)
            #expect(names.asked.withLock { $0 } == ["files.example"])
            #expect(server.requests.first?.lowercased().contains("host: files.example:\(server.port)\r\n") == true)
        }
    }

    @Test(arguments: [
        "127.0.0.1", "127.1", "0x7f000001", "2130706433", "0", "localhost", "[::1]", "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]", "10.1.2.3", "172.31.255.255", "192.168.0.1", "169.254.169.254", "100.64.0.1", "224.0.0.1",
        "255.255.255.255", "[fe80::1]", "[fc00::1]", "[fd12::1]", "[ff02::1]", "[64:ff9b::a00:1]", "[2002:7f00:1::]",
        "[2001:db8::1]", "[::]", "[::127.0.0.1]",
    ]) func `addresses that are not public are refused without a connection`(host: String) async throws {
        try await ScriptedServer.run({ _ in .answer(answer(file)) }) { server in
            let failed = await failure(ImportDownloader(), "http://\(host):\(server.port)/?key=secret")
            #expect(failed?.code == .refusedAddress && failed?.kind == .permanent)
            #expect(failed?.reason.contains("secret") == false)
            #expect(server.requests.isEmpty)
        }
    }

    @Test(arguments: [["10.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["8.8.8.8", "::1"], ["what"]])
    func `a name is refused for any address that is not public`(addresses: [String]) async {
        let downloader = ImportDownloader(
            ImportDownloader.Settings(),
            resolve: Names(["a.example": [addresses]]).resolve
        )
        #expect(await failure(downloader, "http://a.example/")?.code == .refusedAddress)
    }

    @Test(arguments: [
        "http://user@127.0.0.1/", "http://user:secret@127.0.0.1/", "http://@127.0.0.1/", "ftp://127.0.0.1/",
        "file:///etc/passwd", "http:///a", "http://a b/", "127.0.0.1",
        "", "http://[::1", "http://127.0.0.1\\@files.example/",
    ]) func `addresses that are none, or carry credentials, are refused`(url: String) async {
        let downloader = ImportDownloader(settings()) { _ in
            Issue.record("looked up")
            return []
        }
        let failed = await failure(downloader, url)
        #expect(failed?.code == .badAddress && failed?.kind == .permanent)
        #expect(failed?.reason.contains("secret") == false)
    }

    @Test(arguments: [301, 302, 303, 307, 308]) func `redirects are followed`(status: Int) async throws {
        let names = Names(["a.example": [["127.0.0.1"]], "b.example": [["127.0.0.1"]]])
        let port = Mutex(0)
        try await ScriptedServer.run({ number in
            switch number {
            case 0: .answer(redirect(to: "/b/c?d=1", status: status))
            case 1: .answer(redirect(to: "../e", status: status))
            case 2: .answer(redirect(to: "http://b.example:\(port.withLock { $0 })/f", status: status))
            default: .answer(answer(file))
            }
        }) { server in
            port.withLock { $0 = server.port }
            let downloader = ImportDownloader(settings(), resolve: names.resolve)
            let content = try await fetched(downloader, "http://a.example:\(server.port)/a")
            #expect(content == file)
            let targets = server.requests.compactMap { $0.split(separator: " ").dropFirst().first }
            #expect(targets == ["/a", "/b/c?d=1", "/e", "/f"])
            #expect(names.asked.withLock { $0 } == ["a.example", "a.example", "a.example", "b.example"])
        }
    }

    @Test func `redirects go no further than a direct address may`() async throws {
        let target = Mutex("")
        try await ScriptedServer.run({ _ in .answer(redirect(to: target.withLock { $0 })) }) { server in
            let url = "http://127.0.0.1:\(server.port)/"
            let downloader = ImportDownloader(settings())
            for (location, code) in [
                (url, ImportDownloadFailure.Code.badRedirect), ("http://u:p@127.0.0.1/", .badAddress),
                ("file:///etc/passwd", .badAddress), ("ftp://127.0.0.1/", .badAddress),
            ] {
                target.withLock { $0 = location }
                #expect(await failure(downloader, url)?.code == code)
            }
        }
    }

    @Test func `a redirect into a private network is refused, and so is a name that now means another host`()
        async throws
    {
        for location in ["http://10.0.0.1/", "http://inner.example/", "/again"] {
            let names = Names(["a.example": [["127.0.0.1"], ["10.0.0.1"]], "inner.example": [["10.0.0.1"]]])
            try await ScriptedServer.run({ _ in .answer(redirect(to: location)) }) { server in
                let downloader = ImportDownloader(
                    settings { $0.allowsPrivateAddresses = false },
                    resolve: names.resolve
                ) {
                    $0 == "127.0.0.1"
                }
                let failed = await failure(downloader, "http://a.example:\(server.port)/")
                #expect(failed?.code == .refusedAddress)
                #expect(server.requests.count == 1)
            }
        }
    }

    @Test func `a redirect never goes from https to http`() throws {
        let address = try DownloadAddress("https://a.example/b")
        #expect(try address.redirected(to: "/c").url.absoluteString == "https://a.example/c")
        #expect(try address.redirected(to: "//b.example/c").url.absoluteString == "https://b.example/c")
        #expect(try address.redirected(to: "HTTPS://b.example").host == "b.example")
        #expect(throws: ImportDownloadFailure.self) { try address.redirected(to: "http://a.example/b") }
        #expect(throws: ImportDownloadFailure.self) { try address.redirected(to: "HTTP://a.example/b") }
    }

    @Test(arguments: ["8.8.8.8", "1.1.1.1", "2606:4700::1111", "64:ff9b::808:808", "2002:808:808::1", "::ffff:8.8.8.8"])
    func `addresses of the public internet are public`(text: String) {
        #expect(IPAddress(text)?.isPublic == true)
    }

    @Test(arguments: [
        "", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.+4", "::1::", ":::", "1:2:3:4:5:6:7", "g::",
        "12345::",
        "1:2:3:4:5:6:7:8:9", "::1.2.3", "1.2.3.4::", "+1::", "fe80::1%eth0",
    ])
    func `text that is no address is none`(text: String) {
        #expect(IPAddress(text) == nil)
    }
}
