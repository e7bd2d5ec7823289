import HTTPTypes
package import Messages
package import ProviderKit

/// Lists are of contacts, by cursor (`reference/providers.md` 2.3).
extension Aelyst: ConversationListing {
    package func refusal(of selection: Selection) -> Refusal? {
        if let field = selection.conversationFields.first {
            return Refusal(.rejected, field: "select.\(field)", reason: "Aelyst selects by `assignee` and `filter`")
        }
        switch selection.assignee {
        case .assignee(.email), .assignee(.aiAgent):
            return Refusal(.rejected, field: "select.assignee", reason: "Aelyst selects by the id of a `user`")
        case .absent:
            return nil
        case .assignee(.user), .nobody:
            guard let filter = selection.filter, filter["$and"]?.elements == nil else { return nil }
            return Refusal(
                .rejected,
                field: "select.filter",
                reason: "beside `assignee` a filter has to be a list under `$and`"
            )
        }
    }

    package func request(for selection: Selection, at cursor: ListCursor) throws(EncodingFailure) -> ProviderRequest {
        var query = [("limit", String(min(max(settings.pageSize, 1), 99)))]
        switch cursor {
        case .start: break
        case .after(let id): query.append(("cursorId", String(id)))
        case .channels, .conversations: throw EncodingFailure(field: "select", reason: "no place in a list of Aelyst")
        }
        let filter = try Self.filter(selection)
        let body = jsonObject { writer in
            // `search` has to be there even when it is empty, or the answer is a 400 (`reference/providers.md` 2.5).
            writer.field("search", "")
            writer.field("timezone", settings.timeZone)
            writer.key("filter")
            writer.value(filter)
        }
        return settings.baseURL.call(
            .post,
            "/contact/list?\(PercentEncoding.pairs(query))",
            template: "/contact/list",
            body: body
        )
    }

    private static func filter(_ selection: Selection) throws(EncodingFailure) -> JSON {
        let user: JSON
        switch selection.assignee {
        case .absent: return selection.filter ?? .object([JSON.Member("$and", .array([]))])
        case .nobody: user = .null
        case .assignee(.user(let id)): user = .string(id)
        case .assignee: throw EncodingFailure(field: "select.assignee", reason: "Aelyst selects by the id of a user")
        }
        let condition = JSON.object([
            JSON.Member("category", .string("contactField")), JSON.Member("field", .string("assigneeUserId")),
            JSON.Member("operator", .string("isEqualTo")), JSON.Member("value", user),
        ])
        let others = selection.filter?["$and"]?.elements ?? []
        return .object([JSON.Member("$and", .array([condition] + others))])
    }

    package func page(of selection: Selection, at cursor: ListCursor, _ response: ProviderResponse) -> ListAnswer {
        guard response.head.status.code != 449 else { return .answer(Answer(.queued, reader.detail(response))) }
        let body: JSON
        switch reader.json(response) {
        case .failure(let answer): return .answer(answer)
        case .success(let json): body = json
        }
        guard let items = body.member("items")?.elements else { return .answer(reader.unreadable(response)) }
        var rows: [ListPage.Row] = []
        for item in items {
            guard let id = item.member("id")?.identifier, let holder = Self.holderNames(of: item) else {
                return .answer(reader.unreadable(response))
            }
            let contact = ContactIdentifier(kind: .id, value: id)
            rows.append(ListPage.Row(target: .contact(contact), assignee: holder.first))
        }
        switch Self.next(body.member("pagination")?.member("next")) {
        case .end:
            return .page(ListPage(rows: rows, next: nil))
        case .after(let id) where cursor != .after(id):
            return .page(ListPage(rows: rows, next: .after(id)))
        case .after, .unreadable:
            // The same page once more would never end, and a lost cursor would end the list too early.
            return .answer(reader.unreadable(response))
        }
    }

    private enum Next {
        case end
        case after(Int64)
        case unreadable
    }

    /// The cursor out of the address of the next page.
    ///
    /// Nothing else of that address is used: it lacks `/v1` in the documentation, and following whatever a response names
    /// could take the token elsewhere.
    private static func next(_ value: JSON?) -> Next {
        switch value {
        case nil, .null?, .string("")?: return .end
        case .integer(let id)?: return .after(id)
        case .string(let address)?:
            guard let mark = address.firstIndex(of: "?") else { return .unreadable }
            for pair in address[mark...].dropFirst().prefix(while: { $0 != "#" }).split(separator: "&") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2, parts[0] == "cursorId", let id = Int64(parts[1]) { return .after(id) }
            }
            return .unreadable
        default: return .unreadable
        }
    }
}
