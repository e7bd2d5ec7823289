import HTTPTypes
import HummingbirdCore
import NIOCore
import Synchronization

/// A long list, written as one JSON object a line, a slice at a time so that calls pass in between.
struct Dump: Sendable {
    enum List: String, Sendable {
        case calls, changes, contacts
    }

    let list: List
    let provider: SimulatedProvider?
    let account: String?
    let entity: String?
    let status: Int?
    let limit: Int
    /// The place to go on from.
    var place: Int
    private var written = 0

    init?(_ name: String, _ query: Query) {
        guard let list = List(rawValue: name) else { return nil }
        self.list = list
        provider = query["provider"].flatMap(SimulatedProvider.init)
        account = query["account"]
        entity = query["entity"]
        status = query.int("status")
        limit = query.int("limit") ?? .max
        place = max(0, query.int("since") ?? 0)
    }

    /// The next slice; `nil` at the end.
    mutating func next(_ world: World) -> ByteBuffer? {
        var writer = JSONWriter(capacity: 262_144)
        let before = place
        let filter = self
        switch list {
        case .calls:
            advance(over: world.journal) { entry, place in
                guard filter.fits(entry.provider, entry.account, entry.entity, world),
                    filter.status == nil || filter.status == Int(entry.status)
                else { return false }
                writer.object { Self.write(entry, place, world, &$0) }
                writer.newLine()
                return true
            }
        case .changes:
            advance(over: world.changes) { change, place in
                guard filter.fits(change.provider, change.account, change.entity, world) else { return false }
                writer.value(world.view(place, change))
                writer.newLine()
                return true
            }
        case .contacts:
            guard place == 0 else { return nil }
            place = 1
            writeContacts(world, &writer)
            return writer.buffer
        }
        return place == before ? nil : writer.buffer
    }

    private mutating func advance<Element>(over ring: Ring<Element>, _ write: (Element, Int) -> Bool) {
        place = max(place, ring.start)
        let end = min(ring.end, place + 4_096)
        while place < end, written < limit {
            if let element = ring[place], write(element, place) { written += 1 }
            place += 1
        }
    }

    private func fits(_ provider: SimulatedProvider, _ account: UInt32, _ world: World) -> Bool {
        (self.provider == nil || self.provider == provider)
            && (self.account == nil || self.account == world.texts.text(of: account))
    }

    private func fits(_ provider: SimulatedProvider, _ account: UInt32, _ entity: UInt32, _ world: World) -> Bool {
        fits(provider, account, world)
            && (self.entity == nil || self.entity == world.texts.text(of: entity))
    }

    private static func write(_ entry: JournalEntry, _ place: Int, _ world: World, _ writer: inout JSONWriter) {
        writer.count("sequence", place)
        writer.key("timeNs")
        writer.int(entry.time)
        writer.field("provider", entry.provider.rawValue)
        writer.field("account", world.texts.text(of: entry.account))
        writer.field("endpoint", entry.endpoint.rawValue)
        writer.field("entity", world.texts.text(of: entry.entity))
        writer.count("status", Int(entry.status))
        writer.key("violation")
        writer.bool(entry.violation)
        writer.key("faulted")
        writer.bool(entry.faulted)
    }

    private func writeContacts(_ world: World, _ writer: inout JSONWriter) {
        var left = limit
        func begin(_ provider: SimulatedProvider, _ account: UInt32, _ writer: inout JSONWriter) {
            writer.field("provider", provider.rawValue)
            writer.field("account", world.texts.text(of: account))
        }
        for (account, workspace) in world.hatif where fits(.hatif, account, world) {
            for contact in workspace.contacts.lazy.compactMap(\.self) where left > 0 {
                left -= 1
                writer.object { writer in
                    begin(.hatif, account, &writer)
                    world.write(contact, &writer)
                    writer.field("card", contact.card)
                }
                writer.newLine()
            }
        }
        for (account, workspace) in world.aelyst where fits(.aelyst, account, world) {
            for contact in workspace.contacts.values.sorted(by: { $0.id < $1.id }) where left > 0 {
                left -= 1
                writer.object { writer in
                    begin(.aelyst, account, &writer)
                    world.write(contact, workspace, &writer)
                }
                writer.newLine()
            }
        }
    }
}

extension Simulator {
    @concurrent func stream(_ dump: Dump, _ writer: consuming ResponseWriter) async throws {
        var dump = dump
        var fields = HTTPFields()
        fields[.contentType] = "application/x-ndjson"
        var body = try await writer.writeHead(HTTPResponse(status: .ok, headerFields: fields))
        while let slice = world.withLock({ dump.next($0) }) {
            try await body.write(slice)
        }
        try await body.finish(nil)
    }
}
