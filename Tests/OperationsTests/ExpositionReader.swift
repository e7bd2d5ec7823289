/// A strict reader of the Prometheus text format, written against its description rather than against our writer.
struct ExpositionReader {
    struct Sample: Hashable {
        var name: String
        var labels: [String: String]
        var value: Double
    }

    struct Problem: Error {
        var line: String
        var reason: String
    }

    private(set) var types: [String: String] = [:]
    private(set) var help: [String: String] = [:]
    private(set) var samples: [Sample] = []
    /// Metric names in the order of their `TYPE` lines.
    private(set) var order: [String] = []

    init(_ text: String) throws {
        guard text.isEmpty || text.hasSuffix("\n") else { throw Problem(line: text, reason: "no last line feed") }
        var seen: Set<Sample> = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init) {
            if line.hasPrefix("# HELP ") {
                let parts = line.dropFirst(7).split(separator: " ", maxSplits: 1).map(String.init)
                guard parts.count == 2, help[parts[0]] == nil else { throw Problem(line: line, reason: "help") }
                help[parts[0]] = parts[1]
            } else if line.hasPrefix("# TYPE ") {
                let parts = line.dropFirst(7).split(separator: " ").map(String.init)
                guard parts.count == 2, types[parts[0]] == nil else { throw Problem(line: line, reason: "type twice") }
                types[parts[0]] = parts[1]
                order.append(parts[0])
            } else {
                let sample = try Self.sample(line)
                guard let family = order.last, belongs(sample.name, to: family) else {
                    throw Problem(line: line, reason: "away from its TYPE line")
                }
                var identity = sample
                identity.value = 0
                guard seen.insert(identity).inserted else { throw Problem(line: line, reason: "series twice") }
                samples.append(sample)
            }
        }
    }

    func value(_ name: String, _ labels: [String: String] = [:]) -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    func series(of name: String) -> [Sample] { samples.filter { $0.name == name } }

    private func belongs(_ name: String, to family: String) -> Bool {
        guard types[family] == "histogram" else { return name == family }
        return ["_bucket", "_sum", "_count"].contains { name == family + $0 }
    }

    private static func sample(_ line: String) throws -> Sample {
        var rest = line[...]
        let name = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == ":") }
        guard let first = name.first, !first.isNumber else { throw Problem(line: line, reason: "name") }
        rest = rest.dropFirst(name.count)
        var labels: [String: String] = [:]
        if rest.first == "{" {
            rest = rest.dropFirst()
            while rest.first != "}" {
                let label = rest.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
                rest = rest.dropFirst(label.count)
                guard !label.isEmpty, rest.hasPrefix("=\"") else { throw Problem(line: line, reason: "label") }
                rest = rest.dropFirst(2)
                let value = try text(&rest, of: line)
                guard labels.updateValue(value, forKey: String(label)) == nil else {
                    throw Problem(line: line, reason: "label twice")
                }
                if rest.first == "," { rest = rest.dropFirst() }
            }
            rest = rest.dropFirst()
        }
        guard rest.first == " ", let value = number(String(rest.dropFirst())) else {
            throw Problem(line: line, reason: "value")
        }
        return Sample(name: String(name), labels: labels, value: value)
    }

    private static func text(_ rest: inout Substring, of line: String) throws -> String {
        var value = ""
        var scalars = rest.unicodeScalars
        while let scalar = scalars.popFirst() {
            switch scalar {
            case "\"":
                rest = Substring(scalars)
                return value
            case "\\":
                switch scalars.popFirst() {
                case "n": value += "\n"
                case "\\": value += "\\"
                case "\"": value += "\""
                default: throw Problem(line: line, reason: "escape")
                }
            default: value.unicodeScalars.append(scalar)
            }
        }
        throw Problem(line: line, reason: "open quote")
    }

    private static func number(_ text: String) -> Double? {
        switch text {
        case "+Inf": .infinity
        case "-Inf": -.infinity
        case "NaN": .nan
        default: Double(text)
        }
    }
}
