/// Why the admin server cannot listen; the text tells what to do.
package enum AdminServerError: Error, Hashable, Sendable, CustomStringConvertible {
    case inUse(listen: String)
    case notPermitted(listen: String)
    case notOurs(listen: String)
    case unknownHost(listen: String)
    /// Anything else, in the system's words.
    case failed(listen: String, reason: String)

    package var description: String {
        switch self {
        case .inUse(let listen):
            "admin.listen \(listen) is in use: end the process that listens there, or set admin.listen to another port"
                + " (0 takes a free one)"
        case .notPermitted(let listen):
            "admin.listen \(listen) is not permitted to this user: set admin.listen to a port from 1024"
        case .notOurs(let listen):
            "admin.listen \(listen) is no address of this machine: set admin.listen to one of its addresses,"
                + " or 0.0.0.0 for all"
        case .unknownHost(let listen):
            "admin.listen \(listen) names a host that cannot be resolved: set admin.listen to an address"
        case .failed(let listen, let reason):
            "admin.listen \(listen) cannot be used: \(reason)"
        }
    }
}
