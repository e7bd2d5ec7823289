import Foundation
import Testing

@testable import Bulkhead

@Suite struct ReadmeTests {
    @Test func `the README's table of settings is the one that the settings themselves give`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let text = try String(contentsOf: root.appending(path: "README.md"), encoding: .utf8)
        let start = try #require(text.range(of: "<!-- settings -->\n"))
        let end = try #require(text.range(of: "<!-- /settings -->"))
        let table = text[start.upperBound..<end.lowerBound].trimmingCharacters(in: .whitespacesAndNewlines)
        #expect(table == SettingsTable.markdown().trimmingCharacters(in: .whitespacesAndNewlines))
    }
}
