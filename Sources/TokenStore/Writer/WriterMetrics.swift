package import TokenCore

/// What the writer has done since the store was opened. The writer's thread counts; any thread reads.
package final class WriterMetrics: Sendable {
    private enum Place {
        static let operations = 0
        static let checkpoints = 1
        static let epochsMoved = 2
        static let batchSizes = 3
        static let commitDurations = batchSizes + HistogramShape.batchSizes.counterCount
        static let count = commitDurations + HistogramShape.durations.counterCount
    }

    private let counters = Counters(count: Place.count)

    /// Asked for, carried out or refused.
    package var operationCount: UInt64 { counters.value(at: Place.operations) }
    package var checkpointCount: UInt64 { counters.value(at: Place.checkpoints) }
    package var epochMoveCount: UInt64 { counters.value(at: Place.epochsMoved) }
    /// Operations of one commit.
    package var batchSizes: HistogramReading { HistogramShape.batchSizes.read(counters, at: Place.batchSizes) }
    /// Of COMMIT and what belongs to it, in nanoseconds.
    package var commitDurations: HistogramReading {
        HistogramShape.durations.read(counters, at: Place.commitDurations)
    }

    func noteBatch(ofOperations count: Int) {
        counters.add(UInt64(count), at: Place.operations)
        HistogramShape.batchSizes.record(UInt64(count), in: counters, at: Place.batchSizes)
    }

    func noteCommit(nanoseconds: Int64, epochsMoved: Int) {
        HistogramShape.durations.record(UInt64(max(nanoseconds, 0)), in: counters, at: Place.commitDurations)
        counters.add(UInt64(epochsMoved), at: Place.epochsMoved)
    }

    func noteCheckpoint() {
        counters.add(1, at: Place.checkpoints)
    }
}
