/// One key of the settings without its type: what the table of settings, environment variables and suggestions need.
package struct SettingsKey: Sendable {
    package indirect enum Shape: Sendable {
        case value(Value)
        case group([SettingsKey])
        /// Names chosen by the operator, each with the same keys below it.
        case map(placeholder: String, [SettingsKey])
        case list([SettingsKey], absent: String)
        /// Names and texts that pass through untouched.
        case properties(defaults: [String: String])
    }

    package struct Value: Sendable {
        /// What may stand there, in words, as "0 to 0.9".
        package var allowed: String
        /// The default as it would be written where `isLiteral`, else in words.
        package var standard: String
        package var isLiteral: Bool
        package var isRequired = false
        package var isSecret = false
    }

    package var name: String
    package var shape: Shape
    /// The kinds of provider that have this key; empty is all of them.
    package var kinds: [ProviderKind]
    package var documentation: String
}

/// Values that stand together below one key, with their defaults as their initial values.
package protocol SettingsGroup {
    init()
    static var fields: [SettingsField<Self>] { get }
}

extension SettingsGroup {
    package static var keys: [SettingsKey] { fields.map(\.key) }
}
