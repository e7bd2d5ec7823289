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

    /// Ends the process with this status, whatever its threads are doing.
    func exitAtOnce() -> Never {
        Self.endAtOnce(rawValue)
    }

    private static func endAtOnce(_ code: Int32) -> Never {
        #if canImport(Glibc)
        Glibc._exit(code)
        #else
        Darwin._exit(code)
        #endif
    }

    private static func end(_ code: Int32) -> Never {
        #if canImport(Glibc)
        Glibc.exit(code)
        #else
        Darwin.exit(code)
        #endif
    }
}
