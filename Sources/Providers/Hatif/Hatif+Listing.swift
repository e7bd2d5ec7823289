import HTTPTypes
package import Messages
package import ProviderKit

/// Lists are per channel: all channels first, then the conversations of each (`reference/providers.md` 1.3).
extension Hatif: ConversationListing {
    package func refusal(of selection: Selection) -> Refusal? {
        if let field = selection.contactFields.first {
            return Refusal(.rejected, field: "select.\(field)", reason: "Hatif selects conversations, not contacts")
        }
        for case .email in selection.assignees {
            return Refusal(.rejected, field: "select.assignees", reason: "Hatif knows users by id, not e-mail address")
        }
        return nil
    }

    package func request(for selection: Selection, at cursor: ListCursor) throws(EncodingFailure) -> ProviderRequest {
        switch resolved(cursor, selection) {
        case .conversations(let channels, let skip):
            guard let channel = channels.first else {
                throw EncodingFailure(field: "select.channels", reason: "there is no channel left")
            }
            let template = "/v2/conversations/service-account/channels/{id}"
            let path = "/v2/conversations/service-account/channels/\(PercentEncoding.encode(channel))"
            let query = PercentEncoding.pairs(Self.filters(selection) + paging(skip))
            return settings.baseURL.call(.get, "\(path)?\(query)", template: template)
        case .channels(_, let skip):
            let path = "/v1/channels/service-account"
            return settings.baseURL.call(.get, "\(path)?\(PercentEncoding.pairs(paging(skip)))", template: path)
        case .start, .after:
            throw EncodingFailure(field: "select", reason: "no place in a list of Hatif")
        }
    }

    private func resolved(_ cursor: ListCursor, _ selection: Selection) -> ListCursor {
        guard cursor == .start else { return cursor }
        return selection.channels.isEmpty
            ? .channels(found: [], skip: 0) : .conversations(channels: selection.channels, skip: 0)
    }

    private func paging(_ skip: Int) -> [(String, String)] {
        [("SkipCount", String(skip)), ("MaxResultCount", String(pageSize))]
    }

    private var pageSize: Int { min(max(settings.pageSize, 1), 1_000) }

    private static func filters(_ selection: Selection) -> [(String, String)] {
        var filters: [(String, String)] = []
        if let status = selection.status { filters.append(("Status", status == .open ? "1" : "2")) }
        if !selection.assignees.isEmpty, !filtersHere(selection) {
            filters.append(("AssigneeUserIds", selection.assignees.compactMap(\.userID).joined(separator: ",")))
        }
        if let unassigned = selection.unassigned { filters.append(("GetUnAssigned", String(unassigned))) }
        if !selection.tags.isEmpty { filters.append(("TagIds", selection.tags.joined(separator: ","))) }
        if let from = selection.from { filters.append(("FromDate", local(from))) }
        if let to = selection.to { filters.append(("ToDate", local(to))) }
        if let lost = selection.lost { filters.append(("IsLost", String(lost))) }
        return filters
    }

    /// Whether assignees are compared here: the list takes ids of users only.
    private static func filtersHere(_ selection: Selection) -> Bool {
        selection.assignees.contains { $0.userID == nil }
    }

    /// Hatif reads dates of queries as UTC+3 and converts them.
    private static func local(_ time: Timestamp) -> String {
        let (shifted, overflow) = time.nanoseconds.addingReportingOverflow(3 * 3_600 * 1_000_000_000)
        let text = Timestamp(nanoseconds: overflow ? .max : shifted).description
        return String(text.hasSuffix("Z") ? text.dropLast() : text[...])
    }

    package func page(of selection: Selection, at cursor: ListCursor, _ response: ProviderResponse) -> ListAnswer {
        let body: JSON
        switch json(response) {
        case .failure(let answer): return .answer(answer)
        case .success(let json): body = json
        }
        guard let items = body.member("items")?.elements else { return .answer(reader.unreadable(response)) }
        let total = body.member("totalCount")?.wholeNumber.flatMap { Int(exactly: $0) }
        switch resolved(cursor, selection) {
        case .channels(let found, let skip):
            let ids = items.compactMap { $0.member("id")?.identifier }
            guard ids.count == items.count else { return .answer(reader.unreadable(response)) }
            let all = found + ids
            if let next = nextSkip(skip, items.count, total) {
                return .page(ListPage(rows: [], next: .channels(found: all, skip: next)))
            }
            return .page(ListPage(rows: [], next: all.isEmpty ? nil : .conversations(channels: all, skip: 0)))
        case .conversations(let channels, let skip):
            guard let rows = Self.rows(items, selection) else { return .answer(reader.unreadable(response)) }
            var next: ListCursor?
            if let skip = nextSkip(skip, items.count, total) {
                next = .conversations(channels: channels, skip: skip)
            } else if channels.count > 1 {
                next = .conversations(channels: Array(channels.dropFirst()), skip: 0)
            }
            return .page(ListPage(rows: rows, next: next, total: total))
        case .start, .after:
            return .answer(reader.unreadable(response))
        }
    }

    /// Where the next page begins, counted by what came and not by what was asked for, as a server may give less.
    private func nextSkip(_ skip: Int, _ count: Int, _ total: Int?) -> Int? {
        guard count > 0 else { return nil }
        let next = skip &+ count
        if let total { return next < total ? next : nil }
        return count < pageSize ? nil : next
    }

    /// The rows that belong to the selection; `nil` when one of them cannot be read.
    private static func rows(_ items: [JSON], _ selection: Selection) -> [ListPage.Row]? {
        var rows: [ListPage.Row] = []
        for item in items {
            guard let id = item.member("id")?.identifier, let assignee = holder(of: item) else { return nil }
            if filtersHere(selection), !selection.assignees.contains(where: { assignee?.isSame(as: $0) == true }) {
                continue
            }
            // Commands name conversations in lower case, and rows are the same entities.
            rows.append(ListPage.Row(target: .conversation(id.lowercased()), assignee: assignee))
        }
        return rows
    }
}

extension Assignee {
    fileprivate var userID: String? {
        if case .user(let id) = self { id } else { nil }
    }
}
