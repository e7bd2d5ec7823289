internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#else
internal import Darwin
#endif

/// Where log lines go, and the clock that dates them.
package struct LogOutput: Sendable {
    /// Takes one whole line with its line break.
    package var write: @Sendable (_ line: [UInt8]) -> Void
    /// Milliseconds since 1970, UTC.
    package var now: @Sendable () -> Int64

    package init(write: @escaping @Sendable ([UInt8]) -> Void, now: @escaping @Sendable () -> Int64) {
        self.write = write
        self.now = now
    }

    /// The process's standard error and the system's wall clock.
    package static let standardError = LogOutput(write: StandardError.write, now: StandardError.now)
}

/// The two system calls that a log needs; Foundation's stand-ins cost an object for each line.
private enum StandardError {
    /// A pipe keeps only up to 4,096 bytes of one write together (PIPE_BUF), so that long lines of two threads could mix.
    private static let turn = Mutex(())

    /// A line that nobody takes any more is lost: a log is no reason to stop.
    static func write(_ line: [UInt8]) {
        turn.withLock { _ in
            var rest = line[...]
            while !rest.isEmpty {
                let count = unsafe rest.withUnsafeBytes { unsafe systemWrite(2, $0.baseAddress, $0.count) }
                if count > 0 {
                    rest = rest.dropFirst(count)
                } else if errno != EINTR {
                    return
                }
            }
        }
    }

    static func now() -> Int64 {
        var time = timespec()
        guard unsafe clock_gettime(CLOCK_REALTIME, &time) == 0 else { return 0 }
        return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
    }

    private static func systemWrite(_ file: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
        #if canImport(Glibc)
        unsafe Glibc.write(file, bytes, count)
        #else
        unsafe Darwin.write(file, bytes, count)
        #endif
    }
}
