internal import Messages
internal import ProviderKit

/// The members of a campaign being read from the provider: values in, values out.
///
/// All pages are read before the first member is changed, since changes move rows between pages.
struct CampaignTask: Sendable {
    let command: CampaignCommand
    private let lister: any ConversationListing
    private let selection: Selection
    private var cursor: ListCursor?
    /// Found so far, each target once, in the order of the list.
    private(set) var rows: [ListPage.Row] = []
    private var seen: Set<Target> = []
    private(set) var pages = 0

    init(_ command: CampaignCommand, _ lister: any ConversationListing, _ selection: Selection) {
        self.command = command
        self.lister = lister
        self.selection = selection
        cursor = .start
    }

    /// More than any account has conversations; a list that goes on beyond it does not end.
    static let maxMembers = 1_000_000

    /// The campaign as it was before the first page.
    var withoutRows: CampaignTask { CampaignTask(command, lister, selection) }

    var question: Question { .page(lister, selection, cursor ?? .start) }

    mutating func take(_ reply: Reply) -> LaneVerdict {
        guard case .page(let found, _) = reply else { return .failed(isInDoubt: false) }
        switch found {
        case .page(let page):
            pages += 1
            for row in page.rows where seen.insert(row.target).inserted { rows.append(row) }
            // A list that repeats its place would be read for ever.
            guard let next = page.next, next != cursor, rows.count < Self.maxMembers else { return .end(.applied) }
            cursor = next
            return .proceed
        case .answer(let answer):
            switch answer.verdict {
            case .throttled: return .throttled
            case .queued: return .queued
            case .unauthorized: return .unauthorized
            case .forbidden: return .end(.unauthorized)
            case .notFound: return .end(.notFound)
            case .refused: return .end(.refused)
            case .failed, .done, .found: return .failed(isInDoubt: false)
            }
        }
    }
}
