#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

extension ExitStatus {
    /// Ends the process with this status.
    func exit() -> Never {
        Self.end(rawValue)
    }

    private static func end(_ code: Int32) -> Never {
        #if canImport(Glibc)
        Glibc.exit(code)
        #else
        Darwin.exit(code)
        #endif
    }
}
