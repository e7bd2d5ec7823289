/// The country calling codes that are assigned (ITU-T E.164 and its annex to Operational Bulletin 1114).
enum CallingCodes {
    private static let ranges: [ClosedRange<Int>] = [
        1...1, 7...7, 20...20, 27...27, 30...34, 36...36, 39...41, 43...49, 51...58, 60...66, 81...82, 84...84, 86...86,
        90...95, 98...98, 211...213, 216...216, 218...218, 220...258, 260...269, 290...291, 297...299, 350...359,
        370...378, 380...383, 385...387, 389...389, 420...421, 423...423, 500...509, 590...599, 670...670, 672...683,
        685...692, 800...800, 808...808, 850...850, 852...853, 855...856, 870...870, 878...878, 880...883, 886...886,
        888...888, 960...968, 970...977, 979...979, 992...996, 998...998,
    ]

    /// By code: whether it is assigned.
    private static let assigned: [Bool] = {
        var table = [Bool](repeating: false, count: 1_000)
        for range in ranges {
            for code in range { table[code] = true }
        }
        return table
    }()

    /// Whether `digits` begins with an assigned code.
    ///
    /// No code is the beginning of another.
    static func begins(_ digits: some Sequence<UInt8>) -> Bool {
        var code = 0
        for digit in digits.prefix(3) {
            code = code * 10 + Int(digit &- 0x30)
            guard code > 0, code < 1_000 else { return false }
            if assigned[code] { return true }
        }
        return false
    }
}
