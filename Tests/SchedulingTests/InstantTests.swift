import Scheduling
import Testing

@Suite struct InstantTests {
    @Test(
        arguments: [
            (0, 0), (1, 1_000_000), (-1, -1_000_000), (Int64.max, Int64.max), (Int64.min, Int64.min),
            (9_223_372_036_854, 9_223_372_036_854_000_000), (9_223_372_036_855, Int64.max),
        ] as [(Int64, Int64)]
    )
    func `Kafka's milliseconds become nanoseconds and are clamped at the ends`(milliseconds: Int64, nanoseconds: Int64)
    {
        #expect(Instant(milliseconds: milliseconds).nanoseconds == nanoseconds)
    }

    @Test(
        arguments: [(0, 0), (999_999, 0), (1_000_000, 1), (-1, -1), (-1_000_000, -1), (-1_000_001, -2)]
            as [(Int64, Int64)]
    )
    func `milliseconds are rounded down on both sides of the epoch`(nanoseconds: Int64, milliseconds: Int64) {
        #expect(Instant(nanoseconds: nanoseconds).milliseconds == milliseconds)
    }

    @Test func `arithmetic stays inside what an instant holds`() {
        #expect(Instant.distantFuture + .seconds(1) == .distantFuture)
        #expect(Instant.distantPast + .seconds(-1) == .distantPast)
        #expect(Instant.distantPast + .nanoseconds(1) > .distantPast)
        #expect(Instant.distantPast.milliseconds < 0)
        #expect(Instant.distantPast.duration(to: .distantFuture).nanoseconds == .max)
        #expect(Instant.distantFuture.duration(to: .distantPast).nanoseconds == .min)
        #expect(Instant(nanoseconds: 5).duration(to: Instant(nanoseconds: 3)) == .nanoseconds(-2))
        #expect(Duration.seconds(Int64.max).nanoseconds == .max)
        #expect(Duration.seconds(Int64.min).nanoseconds == .min)
        #expect(Duration.milliseconds(-1_500).nanoseconds == -1_500_000_000)
    }
}
