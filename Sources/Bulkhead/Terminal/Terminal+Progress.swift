internal import Pipeline
internal import Scheduling

extension Terminal {
    /// Draws on stderr how far a piece of work is, while it goes on.
    ///
    /// - Parameter isWanted: nothing is drawn otherwise, as where stderr is read together with JSON.
    func drawing(
        _ label: String,
        if isWanted: Bool = true,
        progress: @escaping @Sendable () async -> (done: Int, total: Int?),
        while work: () async throws -> Void
    ) async throws {
        let drawing = Task {
            guard isWanted else { return }
            let clock = WallClock()
            var bar = self.progress(label, now: clock.now)
            while !Task.isCancelled {
                let (done, total) = await progress()
                if let text = bar.update(done: done, total: total, now: clock.now) { draw(text) }
                try? await Task.sleep(for: .milliseconds(50))
            }
            let (done, total) = await progress()
            draw(bar.finish(done: done, total: total, now: clock.now))
        }
        do {
            try await work()
        } catch {
            drawing.cancel()
            await drawing.value
            throw error
        }
        drawing.cancel()
        await drawing.value
    }
}
