import ArgumentParser
import Foundation

/// Options that all benchmarks share.
struct ReportOptions: ParsableArguments {
    @Flag(help: "Prints one JSON object instead of a table.") var json = false
    @Option(help: "How often to measure; the median is what counts.") var repetitions = 3

    func validate() throws {
        guard (1...100).contains(repetitions) else { throw ValidationError("--repetitions: allowed 1 to 100") }
    }
}

/// One measured quantity: all its repetitions, the goal it has, if any.
struct Figure: Encodable {
    enum Goal {
        case below(Double), atLeast(Double)
    }

    var name: String
    var unit: String
    var values: [Double]
    var goal: Goal?

    init(_ name: String, _ unit: String, _ values: [Double], _ goal: Goal? = nil) {
        self.name = name
        self.unit = unit
        self.values = values
        self.goal = goal
    }

    var median: Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return .nan }
        let middle = sorted.count / 2
        return sorted.count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    var isMet: Bool? {
        switch goal {
        case .below(let bound): median < bound
        case .atLeast(let bound): median >= bound
        case nil: nil
        }
    }

    var goalText: String {
        switch goal {
        case .below(let bound): "< \(Figure.text(bound))"
        case .atLeast(let bound): ">= \(Figure.text(bound))"
        case nil: ""
        }
    }

    /// Three digits that matter.
    static func text(_ value: Double) -> String {
        guard value.isFinite else { return "-" }
        let size = abs(value)
        return String(format: size >= 100 ? "%.0f" : size >= 10 ? "%.1f" : size >= 1 ? "%.2f" : "%.3f", value)
    }

    private enum Key: CodingKey { case name, unit, median, values, goal, met }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(name, forKey: .name)
        try container.encode(unit, forKey: .unit)
        try container.encode(median.isFinite ? median : nil, forKey: .median)
        try container.encode(values.filter(\.isFinite), forKey: .values)
        if goal != nil { try container.encode(goalText, forKey: .goal) }
        try container.encodeIfPresent(isMet, forKey: .met)
    }
}

/// What one benchmark found.
struct Report: Encodable {
    var benchmark: String
    var figures: [Figure] = []

    mutating func add(_ name: String, _ unit: String, _ values: [Double], _ goal: Figure.Goal? = nil) {
        figures.append(Figure(name, unit, values, goal))
    }

    func show(_ options: ReportOptions) throws {
        if options.json {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys]
            print(String(decoding: try encoder.encode(self), as: UTF8.self))
            return
        }
        print(benchmark)
        let rows = figures.map { figure in
            [
                figure.name, Figure.text(figure.median), figure.unit, figure.goalText,
                figure.isMet.map { $0 ? "met" : "MISSED" } ?? "",
                figure.values.count > 1 ? figure.values.map(Figure.text).joined(separator: " ") : "",
            ]
        }
        let all = [["", "median", "unit", "goal", "", "repetitions"]] + rows
        let widths = (0..<6).map { column in all.map { $0[column].count }.max() ?? 0 }
        for row in all {
            let cells = row.enumerated().map { column, cell in
                let space = String(repeating: " ", count: widths[column] - cell.count)
                return column == 1 ? space + cell : cell + space
            }
            print("  " + cells.joined(separator: "  "))
        }
    }
}

extension Duration {
    var seconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}

extension [Double] {
    /// The value that a share of all values does not exceed, 0...1.
    func percentile(_ share: Double) -> Double {
        let sorted = sorted()
        guard !sorted.isEmpty else { return .nan }
        return sorted[Swift.min(sorted.count - 1, Int(Double(sorted.count) * share))]
    }
}
