/// What the process says to whoever started it.
package enum ExitStatus: Int32, Sendable, CaseIterable {
    case done = 0
    case failed = 1
    /// Wrong usage of the command line, or settings with problems.
    case usage = 2
    /// The work was done, but some commands ended in `failures` (with `--wait`).
    case someFailed = 3
}
