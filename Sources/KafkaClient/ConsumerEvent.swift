/// What a consumer has to tell its reader, in the order in which it happened.
package enum ConsumerEvent: Sendable {
    /// At least one record; of one partition in order, of several partitions mixed.
    case records(RecordBlock)
    /// The group gave these partitions (with the eager protocol: all there are). Answer with ``KafkaConsumer/assign(_:)``.
    case assigning([TopicPartition])
    /// The group takes these partitions back. Answer with ``KafkaConsumer/completeRevocation()``; until then the group
    /// waits, at most `max.poll.interval.ms`, while polling has to go on. `lost`: others may own them already, so nothing
    /// can be committed any more.
    case revoking([TopicPartition], lost: Bool)
    /// All records of the partition up to here have been delivered; `offset` is the next one's.
    case endOfPartition(TopicPartition, offset: Int64)
    /// The broker held records that did not arrive; reading was started again at `offset` (`nil`: where it began).
    case stalled(TopicPartition, offset: Int64?)
    /// Something went wrong that the client itself keeps trying to repair.
    case error(KafkaError)
}
