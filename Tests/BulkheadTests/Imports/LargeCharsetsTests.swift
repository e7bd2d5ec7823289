import Testing
import VCard

@testable import Bulkhead

@Suite struct LargeCharsetsTests {
    @Test(arguments: [
        ("SHIFT_JIS", [0x93, 0xFA, 0x96, 0x7B] as [UInt8], "日本"),
        ("ISO-2022-JP", [0x1B, 0x24, 0x42, 0x46, 0x7C, 0x4B, 0x5C, 0x1B, 0x28, 0x42], "日本"),
        ("GBK", [0xD6, 0xD0, 0xCE, 0xC4], "中文"), ("GB2312", [0xD6, 0xD0, 0xCE, 0xC4], "中文"),
        ("BIG5", [0xA4, 0xA4, 0xA4, 0xE5], "中文"), ("EUC-KR", [0xC7, 0xD1, 0xB1, 0xDB], "한글"),
        ("IBM850", [0x81], "ü"),
    ])
    func `sets that need a table are decoded`(charset: String, bytes: [UInt8], text: String) {
        #expect(LargeCharsets().decode(bytes, charset: charset) == text)
    }

    @Test func `a card in one of them becomes a contact`() throws {
        var settings = VCardSettings()
        settings.decoder = LargeCharsets()
        var contacts = ContactImport(settings: settings)
        var names: [String?] = []
        let head = Array("BEGIN:VCARD\r\nVERSION:2.1\r\nFN;CHARSET=SHIFT_JIS:".utf8)
        contacts.feed(head + [0x93, 0xFA, 0x96, 0x7B] + Array("\r\nTEL:+81312345678\r\nEND:VCARD\r\n".utf8)) {
            names.append($0.contact?.displayName)
        }
        _ = contacts.finish { names.append($0.contact?.displayName) }
        #expect(names == ["日本"])
    }

    @Test func `a name that nobody knows is not decoded`() {
        #expect(LargeCharsets().decode([0x41], charset: "KLINGON") == nil)
    }
}
