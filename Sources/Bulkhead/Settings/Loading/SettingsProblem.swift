/// One thing that is wrong with the settings, where it is and what would be right.
package struct SettingsProblem: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Cause: Hashable, Sendable {
        /// The file is there but cannot be used as text.
        case unreadable(reason: String)
        /// The file is not YAML; nothing after this place was looked at.
        case syntax(reason: String)
        case duplicateKey(firstLine: Int)
        case unknownKey(suggestion: String?)
        /// A `BULKHEAD_` variable that names no key.
        case unknownVariable(suggestion: String?)
        /// The value is not allowed; `found` is masked where the key is secret.
        case value(found: String, allowed: String)
        case missing(allowed: String)
        /// The name of a provider, account or country is not allowed.
        case name(allowed: String)
        /// `${…}` in the value leads nowhere.
        case reference(reason: String)
        /// The value contradicts another one.
        case rule(String)
    }

    package var origin: SettingsOrigin
    /// The key's path; empty for problems of the whole file.
    package var key: String
    package var cause: Cause

    package init(_ cause: Cause, key: String, origin: SettingsOrigin) {
        self.cause = cause
        self.key = key
        self.origin = origin
    }

    /// One line, as `bulkhead.yaml:12:7: lanes.bulkShare: found "1.5", allowed 0 to 0.9`.
    package var description: String {
        let place =
            switch origin {
            case .file(let name, let line, let column): "\(name):\(line):\(column)"
            case .environment(let name): name
            case .standard: ""
            }
        return [place, key, message].filter { !$0.isEmpty }.joined(separator: ": ")
    }

    private var message: String {
        switch cause {
        case .unreadable(let reason): reason
        case .syntax(let reason): "not YAML: \(reason)"
        case .duplicateKey(let line): "duplicate key, first set in line \(line)"
        case .unknownKey(let suggestion): "unknown key" + Self.question(suggestion)
        case .unknownVariable(let suggestion): "no key of the settings has this name" + Self.question(suggestion)
        case .value(let found, let allowed): "found \(found), allowed \(allowed)"
        case .missing(let allowed): "missing, allowed \(allowed)"
        case .name(let allowed): "name not allowed, allowed \(allowed)"
        case .reference(let reason): reason
        case .rule(let rule): rule
        }
    }

    private static func question(_ suggestion: String?) -> String {
        suggestion.map { ", did you mean \"\($0)\"?" } ?? ""
    }

    /// The order in which people read them: by line, then variables, then what has no place.
    var position: (Int, Int, Int, String) {
        switch origin {
        case .file(_, let line, let column): (0, line, column, key)
        case .environment(let name): (1, 0, 0, name)
        case .standard: (2, 0, 0, key)
        }
    }
}
