// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "bulkhead",
    platforms: [.macOS(.v26)],
    products: [.executable(name: "bulkhead", targets: ["Bulkhead"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-http-structured-headers", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        .systemLibrary(name: "CRdKafka", pkgConfig: "rdkafka", providers: [.apt(["librdkafka-dev"])]),
        .target(name: "KafkaClient", dependencies: ["CRdKafka", .logging]),
        .target(name: "EmbeddedKafka", dependencies: ["CRdKafka", "KafkaClient"]),
        .target(name: "VCard"),
        .target(name: "Messages", dependencies: ["VCard", .crypto]),
        .target(name: "Scheduling", dependencies: [.deque, .heap]),
        .target(
            name: "ProviderKit",
            dependencies: ["Messages", "Scheduling", "VCard", .httpTypes, .structuredFields]
        ),
        .target(name: "Providers", dependencies: ["Messages", "ProviderKit", "Scheduling", .httpTypes]),
        .target(
            name: "HTTPTransport",
            dependencies: [
                "Messages", "ProviderKit", "Scheduling", .asyncHTTPClient, .crypto, .httpTypes, .nioCore, .nioHTTP1,
                .nioPosix,
            ]
        ),
        .target(
            name: "Pipeline",
            dependencies: [
                "KafkaClient", "Messages", "ProviderKit", "Scheduling", "VCard", .heap, .httpTypes, .lifecycle,
                .logging,
                .metrics,
            ]
        ),
        .target(
            name: "Simulators",
            dependencies: [.httpTypes, .hummingbirdCore, .lifecycle, .logging, .nioCore, .nioPosix]
        ),
        .target(
            name: "Operations",
            dependencies: [.hummingbird, .httpTypes, .lifecycle, .logging, .metrics, .nioCore]
        ),
        .executableTarget(
            name: "Bulkhead",
            dependencies: [
                "EmbeddedKafka", "HTTPTransport", "KafkaClient", "Messages", "Operations", "Pipeline", "ProviderKit",
                "Providers", "Scheduling", "Simulators", "VCard", .argumentParser, .crypto, .httpTypes, .hummingbird,
                .lifecycle, .logging, .metrics, .nioCore, .unixSignals, .yams,
            ]
        ),
        .target(name: "TestSupport", dependencies: ["Messages", "ProviderKit", "Scheduling", .httpTypes]),
        .testTarget(name: "SchedulingTests", dependencies: ["Scheduling"]),
        .testTarget(name: "MessagesTests", dependencies: ["Messages", "VCard"]),
        .testTarget(name: "KafkaClientTests", dependencies: ["CRdKafka", "EmbeddedKafka", "KafkaClient", .logging]),
        .testTarget(name: "EmbeddedKafkaTests", dependencies: ["EmbeddedKafka", "KafkaClient", .logging]),
        .testTarget(
            name: "ProvidersTests",
            dependencies: ["Messages", "ProviderKit", "Providers", "Scheduling", "TestSupport", "VCard", .httpTypes]
        ),
        .testTarget(
            name: "OperationsTests",
            dependencies: ["Operations", .httpTypes, .lifecycle, .logging, .metrics, .nioCore, .nioPosix]
        ),
        .testTarget(
            name: "HTTPTransportTests",
            dependencies: ["HTTPTransport", "Messages", "ProviderKit", .crypto, .httpTypes, .nioCore, .nioPosix]
        ),
        .testTarget(
            name: "SimulatorsTests",
            dependencies: ["HTTPTransport", "ProviderKit", "Simulators", .httpTypes, .nioCore]
        ),
        .testTarget(name: "VCardTests", dependencies: ["VCard"]),
        .testTarget(
            name: "PipelineTests",
            dependencies: [
                "EmbeddedKafka", "KafkaClient", "Messages", "Pipeline", "ProviderKit", "Providers", "Scheduling",
                "TestSupport", "VCard", .httpTypes, .lifecycle, .logging, .metrics,
            ]
        ),
        .testTarget(
            name: "BulkheadTests",
            dependencies: [
                "Bulkhead", "KafkaClient", "Messages", "Pipeline", "ProviderKit", "Providers", "Scheduling", "VCard",
                .argumentParser, .logging,
            ]
        ),
        .testTarget(name: "IntegrationTests", dependencies: ["Bulkhead", "KafkaClient", "Messages", .logging]),
    ]
)

// Benchmarks build on demand: they are measured by people, and CI has no quiet machine.
if Context.environment["BULKHEAD_BENCHMARKS"] != nil {
    package.targets.append(
        .executableTarget(
            name: "Benchmarks",
            dependencies: [
                "CRdKafka", "EmbeddedKafka", "HTTPTransport", "KafkaClient", "Messages", "Pipeline", "ProviderKit",
                "Providers", "Scheduling", "Simulators", "VCard", .argumentParser, .asyncHTTPClient, .httpTypes,
                .lifecycle, .logging, .nioCore, .nioHTTP1,
            ]
        )
    )
}

for target in package.targets where [.regular, .executable, .test].contains(target.type) {
    target.swiftSettings = [
        .swiftLanguageMode(.v6),
        .treatAllWarnings(as: .error),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    ]
    // Only the modules at the C boundary may hold unsafe code; elsewhere each use has to say `unsafe`, which review refuses.
    if !["KafkaClient", "EmbeddedKafka", "KafkaClientTests", "Benchmarks"].contains(target.name) {
        target.swiftSettings?.append(.strictMemorySafety())
    }
}

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asyncHTTPClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let deque = product(name: "DequeModule", package: "swift-collections")
    static let heap = product(name: "HeapModule", package: "swift-collections")
    static let httpTypes = product(name: "HTTPTypes", package: "swift-http-types")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let lifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let logging = product(name: "Logging", package: "swift-log")
    static let metrics = product(name: "Metrics", package: "swift-metrics")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let structuredFields = product(name: "RawStructuredFieldValues", package: "swift-http-structured-headers")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let yams = product(name: "Yams", package: "Yams")
}
