internal import Pipeline

extension ProviderSettings {
    /// The partition that an account's work is in.
    func place(of account: String, partitions: Int) -> Int32 {
        AccountEntry.partition(
            of: partitions,
            account: account,
            setting: accounts[account]?.partition.map { Int32(clamping: $0) }
        )
    }

    /// What gives each account a partition, and so a look-ahead window, of its own, in words.
    func ownPlaces(at path: String, partitions: Int) -> String {
        guard accounts.count <= partitions else {
            return "\(path).partitions: \(accounts.count) and one partition each"
        }
        return accounts.keys.sorted().enumerated().map { "\($0.element): \($0.offset)" }.joined(separator: ", ")
    }
}
