import Testing

@testable import TokenClient

@Suite("Random schedules of callers, network and daemon")
struct SimulationTests {
    /// Another run for each seed; a failure names it, and it gives the same run again.
    @Test(
        "every call ends, with its own answer or a reason, and none is sent more often than it may be",
        arguments: 0..<16)
    func schedules(_ part: Int) async throws {
        var outcomes: [String: Int] = [:]
        for seed in 0..<12 {
            // There are other tests, and they watch the clock.
            await Task.yield()
            let number = UInt64(part * 12 + seed)
            var simulation = try Simulation(
                seed: number, callerCount: 2 + seed % 9, callCount: 60, streamCountMax: 2 + seed % 5)
            simulation.run()
            let faults = simulation.faults
            #expect(faults == [], "seed \(number)")
            outcomes.merge(simulation.outcomes, uniquingKeysWith: +)
        }
        // The runs are no good if little comes of them.
        #expect(outcomes["answered", default: 0] > 200, "\(outcomes)")
        let reasons: Set = ["answered", "connection_lost", "connection_failed", "deadline_exceeded", "cancelled"]
        #expect(reasons.isSuperset(of: outcomes.keys), "\(outcomes)")
    }
}
