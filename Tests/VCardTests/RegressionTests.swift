import Testing
import VCard

/// Inputs that fuzzing found, each of which once trapped or broke a promise.
@Suite struct RegressionTests {
    @Test func `folds of a property that was dropped do not disturb those that follow`() {
        let lines = "BEGIN:VCARD⏎AGENT:⏎BEGIN:VCARD⏎NOTE:a⏎␠b⏎␠c⏎␠d⏎END:VCARD⏎N:x⏎NOTE:e⏎␠f⏎VERSION:2.1⏎END:VCARD⏎"
        #expect(imported(bytes(lines)).contact?.notes == ["e f"])
    }

    @Test func `a mark at the end of one value is not taken for one before the next BEGIN`() {
        let file = bytes("BEGIN:VCARD⏎VERSION:3.0⏎FN:a⏎NOTE:x<EF><BB><BF>⏎BEGIN:VCARDBEGIN:VCARD⏎FN:b⏎END:VCARD⏎")
        let result = imported(file)
        #expect(result.contacts.map(\.displayName) == ["a", "b"])
        #expect(result.contacts.first?.notes == ["x\u{FEFF}"])
    }

    @Test(arguments: ["BEGIN<1A>VCARD⏎", "BEGIN<0D>:VCARD⏎", "BEGIN:<0D>VCARD⏎", "x<0D>BEGIN:VCARD<0D>y⏎"])
    func `what only resembles BEGIN begins nothing`(line: String) {
        let result = imported(bytes("BEGIN:VCARD⏎VERSION:3.0⏎FN:a⏎\(line)NOTE:n⏎END:VCARD⏎"))
        #expect(result.contacts.map(\.displayName) == ["a"])
        #expect(result.contacts.first?.notes == ["n"])
    }

    @Test(arguments: [" BEGIN", "\u{FEFF}BEGIN", " \u{FEFF} BEGIN"])
    func `a place is that of BEGIN and not of what precedes it`(begin: String) {
        let text = "\(begin):VCARD\r\nFN:x\r\nEND:VCARD\r\n"
        let offset = text.utf8.count - "BEGIN:VCARD\r\nFN:x\r\nEND:VCARD\r\n".utf8.count
        #expect(imported(Array(text.utf8)).cards.map(\.offset) == [offset])
    }
}
