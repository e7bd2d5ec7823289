package import Messages

extension JobStatus {
    /// How far it is, as a sentence without a full stop.
    package var sentence: String {
        var text = "\(kind.rawValue) \(id) for \(provider)/\(account) is \(state.rawValue)"
        if let by { text += " by \(by)" }
        if let reason { text += ": \(reason)" }
        text += ", \(done) of \(total.map(String.init) ?? "an unknown number") done"
        let parts = Disposition.allCases.compactMap { disposition in
            counts[disposition].map { "\($0) \(disposition.rawValue)" }
        }
        if !parts.isEmpty { text += " (\(parts.joined(separator: ", ")))" }
        if let remaining = remainingMilliseconds, state == .running || state == .expanding || state == .canary {
            text += ", about \(Duration.milliseconds(remaining).ageText) left"
        }
        return text
    }
}
