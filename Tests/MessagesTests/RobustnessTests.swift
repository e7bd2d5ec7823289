import Messages
import Testing

struct RobustnessTests {
    @Test func `a command cut short anywhere is rejected`() {
        let bytes = utf8(assignExample)
        for length in 0..<bytes.count {
            #expect(rejection(of: Array(bytes[..<length]))?.field == "value")
        }
        #expect(rejection(of: bytes) == nil)
    }

    static func damage(_ bytes: inout [UInt8], _ random: inout RepeatableRandom) {
        for _ in 0...Int.random(in: 0..<4, using: &random) {
            let position = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[position] = UInt8.random(in: 0...255, using: &random)
            case 1: bytes.remove(at: position)
            case 2: bytes.insert(UInt8.random(in: 0x20...0x7E, using: &random), at: position)
            default: bytes[position] = Array("{}[]\":,\\0-eE".utf8).randomElement(using: &random) ?? 0
            }
            if bytes.isEmpty { bytes = [0x7B] }
        }
    }

    @Test func `a command is the same whether it is read from its bytes or, for an escape in it, through a tree`() {
        var random = RepeatableRandom(seed: 11)
        let sources = Example.all("valid").filter { (try? decode($0.bytes)).map(\.isCommand) ?? false }.map(\.bytes)
        #expect(sources.count > 5)
        var accepted = 0
        for round in 0..<20_000 {
            var bytes = sources[round % sources.count]
            if round >= sources.count { Self.damage(&bytes, &random) }
            guard let name = bytes.firstRange(of: utf8("\"source\"")) else { continue }
            let escaped = bytes[..<name.lowerBound] + utf8(#""\u0073ource""#) + bytes[name.upperBound...]
            let message = try? decode(bytes)
            if message != nil { accepted += 1 }
            #expect(message == (try? decode(Array(escaped))))
            // What intake goes by, which makes no command of the bytes.
            guard let outline = CommandOutline(bytes.span) else { continue }
            guard case .command(let command) = message else {
                Issue.record("no command: \(String(decoding: bytes, as: UTF8.self))")
                continue
            }
            #expect(outline.action(bytes.span) == command.action)
            #expect(outline.isBulk == (command.priority == .bulk || command.campaign != nil))
            #expect(bytes[outline.provider].elementsEqual(command.provider.utf8))
            let account = outline.account.isEmpty ? Command.defaultAccount : command.account
            #expect(account == command.account)
            #expect(outline.account.isEmpty || bytes[outline.account].elementsEqual(command.account.utf8))
        }
        #expect(accepted > 1_000)
    }

    private static let names: [(String, String)] = [
        ("\"id\"", "\"x\0\0\0\0\0\0\0\0\0\0\0\0\0\0id\""), ("\"id\"", "\"\0id\""), ("\"account\"", "\"account \""),
        ("\"account\"", "\"conversation\""), ("\"id\"", "\"source\""), ("\"id\"", "\"data\""),
    ]

    @Test(arguments: names) func `a name that only resembles a known one, or is there twice, is not taken for it`(
        name: String,
        other: String
    ) {
        #expect(rejection(of: utf8(assignExample.replacing(name, with: other))) != nil)
    }
}

extension InboundMessage {
    fileprivate var isCommand: Bool {
        if case .command = self { true } else { false }
    }
}

/// A generator whose numbers are the same in every run (SplitMix64).
struct RepeatableRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
