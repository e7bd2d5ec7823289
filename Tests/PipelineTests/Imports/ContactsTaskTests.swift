import HTTPTypes
import Messages
import ProviderKit
import Providers
import TestSupport
import Testing
import VCard

@testable import Pipeline

/// The provider that a batch is sent to, as far as its cards are concerned.
private struct Contacts {
    /// Phone numbers that spoil the request they are in.
    var bad: Set<String> = []
    var stored: [String] = []
    var requests = 0
    /// Requests, by number, whose answers are lost after they were carried out.
    var lost: Set<Int> = []

    /// Answers a question; `nil` when the answer is lost.
    mutating func answer(_ question: Question) -> Reply? {
        requests += 1
        switch question {
        case .contacts(_, let contacts):
            let phones = contacts.compactMap(\.phone)
            let isBad = phones.contains { bad.contains($0) }
            if !isBad { stored += phones }
            if lost.contains(requests) { return nil }
            return question.reply(
                hatif,
                ProviderResponse(isBad ? 400 : 200, isBad ? #"{"error":{"code":"Voxa:1"}}"# : "{}")
            )
        case .lookup(_, let contact, _):
            let found = stored.contains { $0 == contact.phone }
            let items = found ? #"[{"id":"7","phoneNumber":"\#(contact.phone ?? "")"}]"# : "[]"
            return question.reply(hatif, ProviderResponse(200, #"{"totalCount":\#(found ? 1 : 0),"items":\#(items)}"#))
        case .step, .page: return nil
        }
    }
}

private let hatif = Hatif(HatifSettings(credential: HatifCredential(clientID: "a", clientSecret: Secret("b"))))

private func phone(_ number: Int) -> String { "+9665000000\(number < 10 ? "0" : "")\(number)" }

private func batch(_ count: Int, withoutPhone: Set<Int> = []) -> ContactBatch {
    let command = ImportCommand(
        event: EventAttributes(id: "i-1", source: "/crm", type: .contactsImport, time: Timestamp(nanoseconds: 0)),
        provider: "hatif",
        account: "main",
        content: .bytes([])
    )
    return ContactBatch(
        of: command,
        (0..<count).map { number in
            var contact = Contact(displayName: "C\(number)")
            if !withoutPhone.contains(number) {
                contact.phones = [Contact.Phone(raw: phone(number), e164: phone(number))]
            }
            return ContactBatch.Member(card: number + 1, line: number * 5 + 1, offset: number * 100, contact: contact)
        }
    )
}

@Suite struct ContactsTaskTests {
    /// Goes on until the task is over; an answer that is lost makes it look.
    private func run(_ task: inout ContactsTask, _ provider: inout Contacts) throws {
        while !task.isOver {
            try #require(provider.requests < 1_000)
            guard let reply = provider.answer(task.question) else {
                task.lookUp()
                continue
            }
            _ = task.take(reply)
        }
    }

    @Test(arguments: [1, 2, 3, 7, 8, 50])
    func `one bad card costs one card, wherever it stands, and no other is sent twice`(count: Int) throws {
        for position in 0..<count {
            var task = ContactsTask(batch(count), hatif, isInDoubt: false)
            var provider = Contacts(bad: [phone(position)])
            try run(&task, &provider)
            #expect(task.ends.map { $0?.disposition } == (0..<count).map { $0 == position ? .refused : .applied })
            #expect(provider.stored.sorted() == (0..<count).filter { $0 != position }.map(phone))
            #expect(task.ends[position]?.detail.code == "Voxa:1")
        }
    }

    @Test func `many bad cards are each found`() throws {
        var task = ContactsTask(batch(50), hatif, isInDoubt: false)
        let bad = [0, 1, 13, 24, 25, 26, 49]
        var provider = Contacts(bad: Set(bad.map(phone)))
        try run(&task, &provider)
        #expect(task.ends.indices.filter { task.ends[$0]?.disposition == .refused } == bad)
        #expect(provider.stored.count == Set(provider.stored).count)
        #expect(provider.stored.count == 43)
    }

    @Test(arguments: 1...6)
    func `a lost answer is followed by a look, and nothing that arrived is sent again`(lost: Int) throws {
        var task = ContactsTask(batch(8), hatif, isInDoubt: false)
        var provider = Contacts(bad: [phone(5)], lost: [lost])
        try run(&task, &provider)
        #expect(provider.stored.sorted() == [0, 1, 2, 3, 4, 6, 7].map(phone))
        let ends = task.ends.map { $0?.disposition }
        #expect(ends[5] == .refused)
        #expect(ends.enumerated().allSatisfy { $0.offset == 5 || $0.element == .applied || $0.element == .reconciled })
    }

    @Test func `what a worker before may have sent is looked for first`() throws {
        var task = ContactsTask(batch(4), hatif, isInDoubt: true)
        var provider = Contacts(stored: [phone(0), phone(2)])
        try run(&task, &provider)
        #expect(task.ends.map { $0?.disposition } == [.reconciled, .applied, .reconciled, .applied])
        #expect(provider.stored == [phone(0), phone(2), phone(1), phone(3)])
    }

    @Test func `a contact that cannot be looked for is not sent again, and says so`() throws {
        var task = ContactsTask(batch(3, withoutPhone: [1]), hatif, isInDoubt: true)
        var provider = Contacts()
        try run(&task, &provider)
        #expect(task.ends.map { $0?.disposition } == [.applied, .exhausted, .applied])
        #expect(task.ends[1]?.reason?.contains("cannot be looked for") == true)
    }

    @Test func `giving up costs the cards of one request`() throws {
        var task = ContactsTask(batch(4), hatif, isInDoubt: false)
        let refused = ProviderResponse(422, "{}")
        _ = task.take(task.question.reply(hatif, refused))
        task.give(up: ContactsTask.End(disposition: .exhausted))
        #expect(task.ends.map { $0?.disposition } == [.exhausted, .exhausted, nil, nil])
        var provider = Contacts()
        try run(&task, &provider)
        #expect(task.ends.map { $0?.disposition } == [.exhausted, .exhausted, .applied, .applied])
    }

    @Test func `cards with an outcome from elsewhere are left out`() throws {
        var task = ContactsTask(batch(4), hatif, without: [0, 3], isInDoubt: false)
        var provider = Contacts()
        try run(&task, &provider)
        #expect(provider.stored == [phone(1), phone(2)])
        #expect(task.left == [1, 2])
    }

    @Test(arguments: [
        (429, "throttled"), (401, "unauthorized"), (500, "failed(isInDoubt: true)"), (503, "failed(isInDoubt: true)"),
    ])
    func `an answer that says nothing of the cards leaves them`(status: Int, verdict: String) {
        var task = ContactsTask(batch(2), hatif, isInDoubt: false)
        #expect("\(task.take(task.question.reply(hatif, ProviderResponse(status, ""))))" == verdict)
        #expect(task.ends == [nil, nil])
    }
}
