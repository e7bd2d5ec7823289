internal import CRdKafka

/// The memory of a process whose records are allocated in librdkafka's threads and released in Swift's.
package enum ProcessHeap {
    /// Keeps it from growing apart: to be called first thing in a worker that has lanes.
    ///
    /// With an arena for each of many threads, what one of them released is not there for the others. Measured with 50,000
    /// commands waiting: 92 MB instead of 127; intake, which holds nothing, passes a seventh fewer on.
    /// Does nothing where the C library is not glibc.
    package static func limit() {
        bulkhead_limit_heap()
    }

    /// Gives back what was released: after much was read at once, as when partitions are taken over.
    ///
    /// Pieces that are still in use keep the library from doing it by itself. A few milliseconds.
    package static func trim() {
        bulkhead_trim_heap()
    }
}
