internal import ArgumentParser
internal import HTTPTransport
internal import HTTPTypes
internal import ProviderKit

struct ProbeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "probe",
        abstract: "Asks the worker on this machine whether it is alive, for containers without a shell.",
        discussion: "Exit code 0 when it is, 1 when it is not or does not answer."
    )

    @OptionGroup var options: SettingsOptions
    @Option(help: "Where it listens, as HOST:PORT; else admin.listen of the settings.") var address: String?
    @Flag(help: "Asks whether it is ready instead.") var ready = false

    func run() async throws {
        let path = ready ? "/readyz" : "/livez"
        let authority = try address ?? Self.address(options.settings().admin.listen)
        let transport = HTTPTransport(concurrency: 1, connectTimeout: .seconds(2))
        let request = ProviderRequest(
            head: HTTPRequest(method: .get, scheme: "http", authority: authority, path: path),
            endpoint: "GET \(path)"
        )
        let response: ProviderResponse
        do throws(TransportFailure) {
            response = try await transport.send(request, timeout: .seconds(5))
        } catch {
            await transport.shutdown()
            throw Failure(.failed, "\(authority) does not answer: \(error.reason)")
        }
        await transport.shutdown()
        let text = String(decoding: response.body, as: UTF8.self)
        guard response.head.status.code == 200 else { throw Failure(.failed, text) }
        Terminal.current.print(text)
    }

    private static func address(_ listen: ListenAddress) -> String {
        let host = ["0.0.0.0", "::"].contains(listen.host) ? "127.0.0.1" : listen.host
        return ListenAddress(host: host, port: listen.port).text
    }
}
