/// The filter of Aelyst's contact list (`reference/providers.md` 2.3).
///
/// Fields, tags and lifecycle with the operators that compare texts; operators for times and ranges are refused.
struct ContactFilter: Sendable {
    private struct Condition: Sendable {
        var category: String
        var field: String
        var `operator`: String
        /// Empty for null.
        var values: [String]
    }

    private let conditions: [Condition]
    private let any: Bool

    init?(_ json: JSON) {
        guard json != .null else {
            conditions = []
            any = false
            return
        }
        guard let items = (json["$and"] ?? json["$or"])?.array else { return nil }
        any = json["$and"] == nil
        var conditions: [Condition] = []
        for item in items {
            guard let category = item["category"]?.string, let name = item["operator"]?.string,
                ["contactField", "contactTag", "lifecycle"].contains(category),
                [
                    "isEqualTo", "isNotEqualTo", "exists", "doesNotExist", "hasAnyOf", "hasAllOf", "hasNoneOf",
                ].contains(name)
            else { return nil }
            let value = item["value"] ?? .null
            let values = value.array?.compactMap(\.scalar) ?? value.scalar.map { $0 == "null" ? [] : [$0] } ?? []
            conditions.append(
                Condition(category: category, field: item["field"]?.string ?? "", operator: name, values: values)
            )
        }
        self.conditions = conditions
    }

    func accepts(_ contact: AelystWorkspace.Contact, assignee: Int?) -> Bool {
        guard !conditions.isEmpty else { return true }
        func holds(_ condition: Condition) -> Bool { Self.holds(condition, contact, assignee: assignee) }
        return any ? conditions.contains(where: holds) : conditions.allSatisfy(holds)
    }

    private static func holds(_ condition: Condition, _ contact: AelystWorkspace.Contact, assignee: Int?) -> Bool {
        let value: String? =
            switch (condition.category, condition.field) {
            case ("contactField", "assigneeUserId"): assignee.map(String.init)
            case ("contactField", "id"): String(contact.id)
            case ("contactField", "status"): contact.closed ? "closed" : "open"
            case ("contactField", _): contact.fields[condition.field]
            case ("lifecycle", _): contact.lifecycle
            default: nil
            }
        return switch condition.operator {
        case "isEqualTo": value == condition.values.first
        case "isNotEqualTo": value != condition.values.first
        case "exists": value != nil
        case "doesNotExist": value == nil
        case "hasAnyOf": value.map(condition.values.contains) ?? false
        case "hasAllOf": value.map { condition.values == [$0] } ?? false
        default: value.map { !condition.values.contains($0) } ?? true
        }
    }
}
