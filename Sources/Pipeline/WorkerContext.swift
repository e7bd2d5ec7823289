package import KafkaClient
package import Logging
package import ProviderKit

/// What all services of a worker share.
package struct WorkerContext: Sendable {
    package var topics: TopicNames
    package var catalog: ProviderCatalog
    package var kafka: KafkaSettings
    package var writer: OutcomeWriter
    package var transport: any Transport
    package var control: ControlFeed
    package var settings: PipelineSettings
    package var imports: ImportOptions
    package var clock: WallClock
    package var logger: Logger

    package init(
        topics: TopicNames,
        catalog: ProviderCatalog,
        kafka: KafkaSettings,
        writer: OutcomeWriter,
        transport: any Transport,
        control: ControlFeed,
        settings: PipelineSettings,
        imports: ImportOptions = ImportOptions(),
        clock: WallClock = WallClock(),
        logger: Logger
    ) {
        self.topics = topics
        self.catalog = catalog
        self.kafka = kafka
        self.writer = writer
        self.transport = transport
        self.control = control
        self.settings = settings
        self.imports = imports
        self.clock = clock
        self.logger = logger
    }
}

package struct PipelineSettings: Hashable, Sendable {
    /// Records read and not finished, for each class of each partition, before it is paused.
    package var maxRecordsPerPartition = 5_000
    /// Bytes of records read and not finished, for each lane in all.
    package var maxBytes = 256 << 20
    /// Commands remembered per partition, so that repeats are recognised.
    package var commandMemory = 100_000
    /// Bytes of metadata that the brokers take with a commit (`offset.metadata.max.bytes`).
    package var metadataLimit = 4_096
    /// How long calls in flight may take to end when a partition is revoked.
    package var drain: Duration = .seconds(10)
    /// How long calls in flight may take to end when the worker stops.
    package var grace: Duration = .seconds(20)
    package var commitInterval: Duration = .milliseconds(500)
    /// Calls are sent only while a commit has succeeded within this time, so that a new owner knows until when an old
    /// one that vanished can have called.
    package var lease: Duration = .seconds(10)
    /// How far the clocks of two workers may differ.
    package var clockSkew: Duration = .seconds(2)
    /// Without a finished command for this long, while work and budget exist, the lane joins its group anew.
    package var watchdog: Duration = .seconds(60)
    /// Keep the providers' own messages out of outcomes and dead letters.
    package var redact = false

    package init() {}
}
