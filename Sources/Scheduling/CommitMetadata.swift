/// What a commit carries beside its offset, so that the next owner of a partition continues where the last one stopped.
///
/// On the wire: `b1` and Base64url of a payload of variable-length integers that ends in a CRC-32. Text of any other form
/// is somebody else's, and is left alone.
package struct CommitMetadata: Hashable, Sendable {
    /// How far a topic's partition held our own outcomes when this was written.
    package struct Position: Hashable, Sendable {
        /// 0 for results, 1 for failures.
        package var topic: UInt8
        package var partition: Int32
        /// The offset after the last outcome of ours.
        package var offset: Int64

        package init(topic: UInt8, partition: Int32, offset: Int64) {
            self.topic = topic
            self.partition = partition
            self.offset = offset
        }
    }

    package struct Account: Hashable, Sendable {
        /// The account by a hash of its name.
        package var id: UInt32
        package var budget: BudgetState

        package init(id: UInt32, budget: BudgetState) {
            self.id = id
            self.budget = budget
        }
    }

    /// An open command that failed although others succeeded, so that its attempts are held against it.
    package struct Retry: Hashable, Sendable {
        package var offset: Int64
        package var attempts: Int
        /// When it may go again.
        package var at: Instant

        package init(offset: Int64, attempts: Int, at: Instant) {
            self.offset = offset
            self.attempts = attempts
            self.at = at
        }
    }

    /// No call was in flight, and none was made afterwards.
    package var isClean: Bool
    package var writtenAt: Instant
    /// Offsets finished beyond the committed one.
    package var finished: [Range<Int64>]
    package var accounts: [Account]
    package var positions: [Position]
    /// Earlier versions wrote none.
    package var retries: [Retry]

    package init(
        isClean: Bool,
        writtenAt: Instant,
        finished: [Range<Int64>] = [],
        accounts: [Account] = [],
        positions: [Position] = [],
        retries: [Retry] = []
    ) {
        self.isClean = isClean
        self.writtenAt = writtenAt
        self.finished = finished
        self.accounts = accounts
        self.positions = positions
        self.retries = retries
    }

    /// The longest stretch beyond the committed offset that is read back, so that hostile text costs no memory.
    package static let longestStretch: Int64 = 1 << 24

    /// The text for a commit at the offset `mark`.
    package func encoded(mark: Int64) -> String {
        var writer = VarintWriter()
        writer.bytes.append(isClean ? 1 : 0)
        writer.write(writtenAt.milliseconds)
        encodeFinished(mark, into: &writer)
        let base = writtenAt.nanoseconds
        writer.write(Int64(accounts.count))
        for account in accounts {
            writer.write(Int64(account.id))
            writer.writeInstant(account.budget.closedUntil, base: base)
            writer.write(Int64(account.budget.windows.count))
            for window in account.budget.windows {
                writer.write(Int64(window.effective))
                writer.write(Int64(window.proven))
                writer.writeInstant(window.fullUntil, base: base)
                writer.write(Int64(window.held.count))
                for held in window.held {
                    writer.write(Int64(held.count))
                    writer.writeInstant(held.until, base: base)
                }
            }
        }
        writer.write(Int64(positions.count))
        for position in positions {
            writer.write(Int64(position.topic))
            writer.write(Int64(position.partition))
            writer.write(position.offset)
        }
        if !retries.isEmpty {
            writer.write(Int64(retries.count))
            for retry in retries {
                writer.write(retry.offset - mark)
                writer.write(Int64(retry.attempts))
                writer.writeInstant(retry.at.nanoseconds, base: base)
            }
        }
        let checksum = crc32(writer.bytes)
        for shift in [24, 16, 8, 0] as [UInt32] { writer.bytes.append(UInt8(truncatingIfNeeded: checksum >> shift)) }
        return Self.prefix + base64URLEncoded(writer.bytes)
    }

    /// Runs where they are short, a bit a record where that is shorter still.
    private func encodeFinished(_ mark: Int64, into writer: inout VarintWriter) {
        var runs = VarintWriter()
        var position = mark
        for range in finished {
            runs.write(range.lowerBound - position)
            runs.write(Int64(range.count))
            position = range.upperBound
        }
        let bitmapLength = Int((position - mark + 7) / 8)
        if runs.bytes.count <= bitmapLength || finished.isEmpty {
            writer.write(Int64(finished.count) * 2)
            writer.bytes += runs.bytes
        } else {
            var bitmap = [UInt8](repeating: 0, count: bitmapLength)
            for range in finished {
                for offset in range { bitmap[Int((offset - mark) / 8)] |= 1 << UInt8((offset - mark) % 8) }
            }
            writer.write(Int64(bitmapLength) * 2 + 1)
            writer.bytes += bitmap
        }
    }

    /// Reads text that belongs to a commit at the offset `mark`; `nil` when it is not ours or not whole.
    package init?(_ text: String, mark: Int64) {
        guard mark >= 0, mark < .max - 2 * Self.longestStretch, text.hasPrefix(Self.prefix),
            let bytes = base64URLDecoded(text.dropFirst(Self.prefix.count)),
            bytes.count > 4
        else { return nil }
        let payload = Array(bytes.dropLast(4))
        let checksum = bytes.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
        guard crc32(payload) == checksum else { return nil }
        var reader = VarintReader(bytes: payload)
        guard let flags = reader.byte(), let milliseconds = reader.read() else { return nil }
        self.init(isClean: flags & 1 != 0, writtenAt: Instant(milliseconds: milliseconds))
        let base = writtenAt.nanoseconds
        guard let finished = Self.decodeFinished(mark, from: &reader), let accountCount = reader.count() else {
            return nil
        }
        self.finished = finished
        for _ in 0..<accountCount {
            guard let id = reader.read(), let closed = reader.readInstant(base: base), let windowCount = reader.count()
            else { return nil }
            var windows: [WindowState] = []
            for _ in 0..<windowCount {
                guard let window = reader.readWindow(base: base) else { return nil }
                windows.append(window)
            }
            let budget = BudgetState(windows: windows, closedUntil: closed)
            accounts.append(Account(id: UInt32(truncatingIfNeeded: id), budget: budget))
        }
        guard let positionCount = reader.count() else { return nil }
        for _ in 0..<positionCount {
            guard let topic = reader.read(), let partition = reader.read(), let offset = reader.read() else {
                return nil
            }
            positions.append(
                Position(
                    topic: UInt8(truncatingIfNeeded: topic),
                    partition: Int32(truncatingIfNeeded: partition),
                    offset: offset
                )
            )
        }
        guard reader.left > 0 else { return }
        guard let retries = reader.readRetries(mark: mark, base: base) else { return nil }
        self.retries = retries
    }

    private static func decodeFinished(_ mark: Int64, from reader: inout VarintReader) -> [Range<Int64>]? {
        guard let form = reader.read(), form >= 0 else { return nil }
        var ranges: [Range<Int64>] = []
        var position = mark
        if form % 2 == 0 {
            guard form / 2 <= reader.left else { return nil }
            for _ in 0..<(form / 2) {
                guard let gap = reader.read(), let count = reader.read(), gap >= 0, count > 0,
                    gap <= longestStretch, count <= longestStretch, position - mark + gap + count <= longestStretch
                else { return nil }
                ranges.append(position + gap..<position + gap + count)
                position += gap + count
            }
        } else {
            guard form / 2 <= reader.left else { return nil }
            for _ in 0..<(form / 2) {
                guard let byte = reader.byte() else { return nil }
                for bit in 0..<8 as Range<UInt8> where byte & 1 << bit != 0 {
                    let offset = position + Int64(bit)
                    if let last = ranges.last, last.upperBound == offset {
                        ranges[ranges.count - 1] = last.lowerBound..<offset + 1
                    } else {
                        ranges.append(offset..<offset + 1)
                    }
                }
                position += 8
            }
        }
        return ranges
    }

    private static let prefix = "b1"
}

extension VarintReader {
    fileprivate mutating func readRetries(mark: Int64, base: Int64) -> [CommitMetadata.Retry]? {
        guard let count = count() else { return nil }
        var retries: [CommitMetadata.Retry] = []
        for _ in 0..<count {
            guard let distance = read(), (0...CommitMetadata.longestStretch).contains(distance),
                let attempts = read(), (1...1_000).contains(attempts), let instant = readInstant(base: base)
            else { return nil }
            let at = Instant(nanoseconds: instant)
            retries.append(.init(offset: mark + distance, attempts: Int(attempts), at: at))
        }
        return retries
    }

    fileprivate mutating func readWindow(base: Int64) -> WindowState? {
        guard let effective = read(), let proven = read(), let fullUntil = readInstant(base: base),
            let heldCount = count()
        else { return nil }
        var held: [WindowState.Held] = []
        for _ in 0..<heldCount {
            guard let count = read(), let until = readInstant(base: base), (0...1_000_000).contains(count) else {
                return nil
            }
            held.append(.init(count: Int(count), until: until))
        }
        return WindowState(
            effective: Int(clamping: effective),
            proven: Int(clamping: proven),
            held: held,
            fullUntil: fullUntil
        )
    }
}
