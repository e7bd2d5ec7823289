package import Messages

/// Finds the members of a campaign: pages of ids, read under the account's own budget.
///
/// All pages are read before the first member is changed, since changes move rows between pages
/// (`reference/providers.md` 1.3). A page may repeat rows of an earlier one; the caller counts each once.
package protocol ConversationListing: Provider {
    /// Why this provider cannot list the selection, found without a call; `nil` when it can.
    func refusal(of selection: Selection) -> Refusal?
    func request(for selection: Selection, at cursor: ListCursor) throws(EncodingFailure) -> ProviderRequest
    func page(of selection: Selection, at cursor: ListCursor, _ response: ProviderResponse) -> ListAnswer
}

/// Where in a list the next page begins.
package enum ListCursor: Hashable, Sendable {
    case start
    /// The channels themselves are being listed; conversations come after (Hatif).
    case channels(found: [String], skip: Int)
    /// The conversations of the first of the channels left (Hatif).
    case conversations(channels: [String], skip: Int)
    /// After the row of this id (Aelyst).
    case after(Int64)
}

/// What a response to a list request means.
package enum ListAnswer: Hashable, Sendable {
    case page(ListPage)
    /// No page, with the verdict of any other response: throttled, failed, unauthorized or refused.
    case answer(Answer)
}

package struct ListPage: Hashable, Sendable {
    package struct Row: Hashable, Sendable {
        package var target: Target
        /// Who has it now; `nil` is nobody.
        package var assignee: Assignee?

        package init(target: Target, assignee: Assignee?) {
            self.target = target
            self.assignee = assignee
        }
    }

    package var rows: [Row]
    /// `nil` after the last page.
    package var next: ListCursor?
    /// Rows of the list that this page is a part of (Hatif: of one channel), as far as the provider says; for progress.
    package var total: Int?

    package init(rows: [Row], next: ListCursor?, total: Int? = nil) {
        self.rows = rows
        self.next = next
        self.total = total
    }
}
