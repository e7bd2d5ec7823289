import Messages
import ProviderKit
import Providers
import Testing

@testable import Pipeline

@Suite struct CampaignTaskTests {
    private let hatif = Hatif(HatifSettings(credential: HatifCredential(clientID: "a", clientSecret: Secret("s"))))

    private func task() -> CampaignTask { CampaignTask(campaign(), hatif, Selection()) }

    private func page(_ numbers: [Int], next: ListCursor?) -> Reply {
        .page(.page(ListPage(rows: rows(numbers), next: next)), status: 200)
    }

    private func cursor(_ skip: Int) -> ListCursor { .conversations(channels: ["c"], skip: skip) }

    @Test func `all pages are read, in order, and rows that come again are counted once`() {
        var task = task()
        #expect(task.question.cursor == .start)
        #expect(task.take(page([1, 2, 3], next: cursor(3))).text == "proceed")
        #expect(task.question.cursor == cursor(3))
        // A row has moved to a later page meanwhile.
        #expect(task.take(page([3, 4], next: cursor(5))).text == "proceed")
        #expect(task.take(page([], next: nil)).text == "end applied")
        #expect(task.rows.map(\.target.name) == [1, 2, 3, 4].map(conversation))
        #expect(task.pages == 3)
    }

    @Test func `a list that stays where it is ends`() {
        var task = task()
        #expect(task.take(page([1], next: cursor(1))).text == "proceed")
        #expect(task.take(page([1], next: cursor(1))).text == "end applied")
        #expect(task.rows.count == 1)
    }

    @Test(arguments: [
        (Answer.Verdict.throttled, "throttled"), (.queued, "queued"), (.unauthorized, "unauthorized"),
        (.forbidden, "end unauthorized"), (.notFound, "end not_found"), (.refused, "end refused"), (.failed, "failed"),
        (.done, "failed"),
    ])
    func `a page that does not come leaves the place in the list as it was`(verdict: Answer.Verdict, text: String) {
        var task = task()
        _ = task.take(page([1], next: cursor(1)))
        #expect(task.take(.page(.answer(Answer(verdict, ResponseDetail())), status: 500)).text == text)
        #expect(task.question.cursor == cursor(1))
        #expect(task.rows.count == 1)
    }
}

extension Question {
    fileprivate var cursor: ListCursor? {
        if case .page(_, _, let cursor) = self { cursor } else { nil }
    }
}

extension LaneVerdict {
    fileprivate var text: String {
        switch self {
        case .end(let disposition): "end \(disposition.rawValue)"
        case .proceed: "proceed"
        case .failed: "failed"
        case .throttled: "throttled"
        case .queued: "queued"
        case .unauthorized: "unauthorized"
        }
    }
}

@Suite struct CampaignCheckTests {
    private let hatif = Hatif(HatifSettings(credential: HatifCredential(clientID: "a", clientSecret: Secret("s"))))

    private func field(_ command: CampaignCommand, _ adapter: any Provider) -> String? {
        CampaignCheck.refusal(of: command, adapter)?.field
    }

    private let conversations: [Target] = [.conversation(conversation(1)), .conversation(conversation(2))]
    private let contact = Target.contact(ContactIdentifier(kind: .id, value: "1"))

    @Test func `what the provider can do is not refused`() {
        #expect(field(campaign(members: .targets(conversations)), hatif) == nil)
        #expect(field(campaign(members: .selection(Selection())), hatif) == nil)
        #expect(field(campaign(action: .unassign, members: .selection(Selection())), hatif) == nil)
    }

    @Test func `the refusal names the field that is wrong`() throws {
        let convor = try #require(try convor().accounts["main"]?.adapter)
        #expect(field(campaign(members: .targets(conversations + [contact])), hatif) == "data.targets[2]")
        #expect(
            field(campaign(action: .assign(.email("a@b.c")), members: .targets(conversations)), hatif)
                == "data.assignee"
        )
        let shares = [CampaignCommand.Share(assignee: .user("a")), CampaignCommand.Share(assignee: .email("a@b.c"))]
        let members = [CampaignCommand.Members.targets(conversations), .selection(Selection())]
        for members in members {
            #expect(
                field(campaign(action: .distribute(shares), members: members), hatif) == "data.distribute[1].assignee"
            )
        }
        var selection = Selection()
        selection.assignee = .nobody
        #expect(field(campaign(members: .selection(selection)), hatif) == "data.select.assignee")
        #expect(field(campaign(action: .unassign, members: .selection(Selection())), convor) == "data.select")
    }

    @Test func `a provider or account that the settings do not have is named with those they have`() throws {
        let catalog = ProviderCatalog([try convor()])
        #expect(
            CampaignCheck.problem(of: campaign(action: .unassign, members: .targets(conversations)), catalog) == nil
        )
        let problem = CampaignCheck.problem(of: campaign(provider: "x", members: .targets(conversations)), catalog)
        #expect(problem == #"data.provider: found "x", allowed: convor"#)
    }
}
