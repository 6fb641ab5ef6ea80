import Testing

@testable import TokenClient

@Suite("Random schedules of callers, network and daemon")
struct SimulationTests {
    /// Another run for each seed; a fault names it, and it gives the same run again.
    @Test("every call ends, with its own answer or a reason, and none is sent more often than it may be")
    func schedules() async throws {
        let faults = Collected<String>()
        let outcomes = Collected<[String: Int]>()
        // On a thread of its own: other tests watch the clock, and need those of the pool.
        await onThreads { _ in
            for seed in UInt64(0)..<200 {
                guard var simulation = try? Simulation(seed: seed) else { return faults.add("\(seed) can't be run") }
                simulation.run()
                for fault in simulation.faults { faults.add("seed \(seed): \(fault)") }
                outcomes.add(simulation.outcomes)
            }
        }
        #expect(faults.all == [])
        // The runs are no good if little comes of them.
        let sum = outcomes.all.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
        let reasons: Set = ["answered", "connection_lost", "connection_failed", "deadline_exceeded", "cancelled"]
        #expect(Set(sum.keys) == reasons)
        #expect(sum["answered", default: 0] > 4000)
    }
}
