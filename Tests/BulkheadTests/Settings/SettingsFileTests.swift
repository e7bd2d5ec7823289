import Bulkhead
import Foundation
import ProviderKit
import Testing

struct SettingsFileTests {
    @Test func `a file is read as it is`() throws {
        let file = try TemporaryFile(Data("prefix: ü\r\n".utf8))
        #expect(try SettingsFile.read(file.path) == "prefix: ü\r\n")
    }

    @Test(arguments: [
        (Data([0x61, 0xFF]), SettingsFileError.notText), (Data(repeating: 0x61, count: 1 << 20 + 1), .tooLarge),
    ])
    func `what is no text or too much is refused`(content: Data, error: SettingsFileError) throws {
        let file = try TemporaryFile(content)
        #expect(throws: error) { try SettingsFile.read(file.path) }
    }

    @Test func `a file that is not there is missing, a directory cannot be read`() throws {
        let file = try TemporaryFile(Data())
        #expect(throws: SettingsFileError.missing) { try SettingsFile.read(file.path + ".none") }
        #expect(throws: SettingsFileError.failed) { try SettingsFile.read("/") }
    }

    @Test func `settings and their secrets load from real files`() throws {
        let secret = try TemporaryFile(Data("t0ken\n".utf8))
        let yaml = "providers: { aelyst: { accounts: { a: { token: \"${file:\(secret.path)}\" } } } }"
        let file = try TemporaryFile(Data(yaml.utf8))

        let loaded = SettingsLoader.load(path: file.path, environment: [:])
        #expect(loaded.problems == [])
        #expect(loaded.settings?.providers["aelyst"]?.accounts["a"]?.token?.revealed == "t0ken")
    }
}

/// A file of one test, gone with it.
private final class TemporaryFile: Sendable {
    let path: String

    init(_ content: Data) throws {
        let url = FileManager.default.temporaryDirectory.appending(path: "bulkhead-settings-\(UUID().uuidString)")
        try content.write(to: url)
        path = url.path(percentEncoded: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
