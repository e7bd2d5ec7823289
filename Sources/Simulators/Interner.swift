/// Numbers for texts, so that a million journal entries hold no text of their own.
struct Interner: Sendable {
    private var numbers: [String: UInt32] = ["": 0]
    private var texts: [String] = [""]

    /// The number of a text; the empty text is 0.
    mutating func number(of text: String) -> UInt32 {
        if let number = numbers[text] { return number }
        let number = UInt32(clamping: texts.count)
        numbers[text] = number
        texts.append(text)
        return number
    }

    func existing(_ text: String) -> UInt32? { numbers[text] }

    func text(of number: UInt32) -> String {
        texts.indices.contains(Int(number)) ? texts[Int(number)] : ""
    }
}

/// The last entries of an endless list, by their place in it.
struct Ring<Element: Sendable>: Sendable {
    private var entries: [Element] = []
    private let capacity: Int
    /// Entries ever added; the next one's place.
    private(set) var end = 0

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    /// The place of the oldest entry still held.
    var start: Int { end - entries.count }

    @discardableResult
    mutating func append(_ element: Element) -> Int {
        if entries.count < capacity {
            entries.append(element)
        } else {
            entries[end % capacity] = element
        }
        end += 1
        return end - 1
    }

    subscript(place: Int) -> Element? {
        get { place >= start && place < end ? entries[place % capacity] : nil }
        set {
            guard let newValue, place >= start, place < end else { return }
            entries[place % capacity] = newValue
        }
    }
}

/// SplitMix64: repeatable chances for faults and latency.
struct SeededGenerator: RandomNumberGenerator, Sendable {
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
