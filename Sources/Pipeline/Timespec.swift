#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

enum Timespec {
    /// The system's wall time in nanoseconds since the Unix epoch.
    static func now() -> Int64 {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_REALTIME, &time) == 0 else { return 0 }
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
