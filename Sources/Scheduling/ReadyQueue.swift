import DequeModule

/// Entities with work that could go, in order of arrival, apart by endpoint.
///
/// Endpoints are apart because one may be closed while another is open.
struct ReadyQueue: Sendable {
    struct Entry: Sendable {
        var entity: Int32
        /// The entity's ticket when it was put here; an entry with an older one is void.
        var ticket: UInt32
        var sequence: UInt64
    }

    private var queues: [(endpoint: Int32, entries: Deque<Entry>)] = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ entry: Entry, endpoint: Int32, atFront: Bool) {
        count += 1
        let index = queues.firstIndex { $0.endpoint == endpoint } ?? queues.endIndex
        if index == queues.endIndex { queues.append((endpoint, [])) }
        if atFront {
            queues[index].entries.prepend(entry)
        } else {
            queues[index].entries.append(entry)
        }
    }

    /// Takes the oldest entry of an endpoint that `isOpen`.
    mutating func pop(isOpen: (Int32) -> Bool) -> Entry? {
        guard count > 0 else { return nil }
        var best: Int?
        for index in queues.indices {
            guard let head = queues[index].entries.first, isOpen(queues[index].endpoint) else { continue }
            guard let chosen = best, let other = queues[chosen].entries.first, other.sequence <= head.sequence else {
                best = index
                continue
            }
        }
        guard let best else { return nil }
        count -= 1
        return queues[best].entries.removeFirst()
    }

    func hasOpen(_ isOpen: (Int32) -> Bool) -> Bool {
        count > 0 && queues.contains { !$0.entries.isEmpty && isOpen($0.endpoint) }
    }
}

/// Bulk work by campaign or import, each taking its turn.
///
/// Every call costs one of the same quota, so that deficit round robin with equal weights is a plain rotation by call.
struct BulkQueue: Sendable {
    private var flows: [UInt64: ReadyQueue] = [:]
    private var rotation: Deque<UInt64> = []
    private(set) var count = 0

    var isEmpty: Bool { count == 0 }

    mutating func append(_ entry: ReadyQueue.Entry, flow: UInt64, endpoint: Int32, atFront: Bool) {
        count += 1
        if flows[flow] == nil {
            rotation.append(flow)
        }
        flows[flow, default: ReadyQueue()].append(entry, endpoint: endpoint, atFront: atFront)
    }

    mutating func pop(isOpen: (Int32) -> Bool, isFlowOpen: (UInt64) -> Bool = { _ in true }) -> ReadyQueue.Entry? {
        for _ in 0..<rotation.count {
            let flow = rotation.removeFirst()
            guard isFlowOpen(flow) else {
                rotation.append(flow)
                continue
            }
            let entry = flows[flow]?.pop(isOpen: isOpen)
            if flows[flow]?.isEmpty ?? true {
                flows[flow] = nil
            } else {
                rotation.append(flow)
            }
            if let entry {
                count -= 1
                return entry
            }
        }
        return nil
    }

    func hasOpen(_ isOpen: (Int32) -> Bool, isFlowOpen: (UInt64) -> Bool = { _ in true }) -> Bool {
        count > 0 && flows.contains { isFlowOpen($0.key) && $0.value.hasOpen(isOpen) }
    }
}
