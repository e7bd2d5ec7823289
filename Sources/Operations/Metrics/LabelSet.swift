/// The labels of one series, sorted by name, in the form that the exposition format allows.
struct LabelSet: Hashable, Sendable, Comparable {
    struct Label: Hashable, Sendable {
        var name: String
        var value: String
    }

    private(set) var labels: [Label] = []

    /// Names outside `[a-zA-Z_][a-zA-Z0-9_]*` are rewritten, of two labels of one name the first stays.
    ///
    /// A label without a value is left out: to Prometheus it is the same as no label, so that keeping it could make
    /// one series appear twice.
    init(_ dimensions: [(String, String)]) {
        labels.reserveCapacity(dimensions.count)
        for (name, value) in dimensions where !value.isEmpty {
            let name = Self.allowed(name)
            guard !labels.contains(where: { $0.name == name }) else { continue }
            labels.append(Label(name: name, value: value))
        }
        labels.sort { $0.name < $1.name }
    }

    /// The series that takes what the bound keeps out: the labels named, or all, say `other`.
    func folded(_ names: [String]?) -> LabelSet {
        var folded = self
        for index in folded.labels.indices where names?.contains(folded.labels[index].name) ?? true {
            folded.labels[index].value = "other"
        }
        return folded
    }

    static func < (left: LabelSet, right: LabelSet) -> Bool {
        for (one, other) in zip(left.labels, right.labels) where one != other {
            return one.name == other.name ? one.value < other.value : one.name < other.name
        }
        return left.labels.count < right.labels.count
    }

    /// `le` belongs to histograms, `quantile` to summaries, and two underscores in front to Prometheus itself.
    private static func allowed(_ name: String) -> String {
        var name = metricName(name, colons: false)
        while name.hasPrefix("__") { name.removeFirst() }
        return ["le", "quantile"].contains(name) ? name + "_" : name
    }

    /// The name with every character that the format does not allow rewritten as an underscore.
    static func metricName(_ name: String, colons: Bool = true) -> String {
        if isAllowed(name, colons: colons) { return name }
        var allowed = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": allowed.unicodeScalars.append(scalar)
            case "0"..."9" where !allowed.isEmpty: allowed.unicodeScalars.append(scalar)
            case ":" where colons: allowed.unicodeScalars.append(scalar)
            default: allowed += "_"
            }
        }
        return allowed.isEmpty ? "_" : allowed
    }

    /// Almost every name is, and then nothing needs to be built.
    private static func isAllowed(_ name: String, colons: Bool) -> Bool {
        var isFirst = true
        for byte in name.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): break
            case UInt8(ascii: "0")...UInt8(ascii: "9") where !isFirst: break
            case UInt8(ascii: ":") where colons: break
            default: return false
            }
            isFirst = false
        }
        return !isFirst
    }
}
