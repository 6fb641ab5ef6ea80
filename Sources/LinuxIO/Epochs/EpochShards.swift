/// Some of the shards: those that a change touches.
package struct EpochShards: Sendable, Equatable {
    private var words: [UInt64] = []
    package private(set) var isEmpty = true
    private var areAll = false

    package init() {}

    package static let all: EpochShards = {
        var shards = EpochShards()
        shards.insertAll()
        return shards
    }()

    package mutating func insert(_ shard: Int) {
        precondition(UInt(bitPattern: shard) < UInt(EpochLayout.shardCount))
        if areAll { return }
        if words.isEmpty { words = Array(repeating: 0, count: EpochLayout.shardCount / 64) }
        words[shard / 64] |= 1 << UInt64(shard % 64)
        isEmpty = false
    }

    package mutating func insertAll() {
        words = []
        areAll = true
        isEmpty = false
    }

    package mutating func removeAll() {
        // The array is kept: the writer needs it for its next batch.
        for index in words.indices { words[index] = 0 }
        areAll = false
        isEmpty = true
    }

    package func contains(_ shard: Int) -> Bool {
        areAll || !words.isEmpty && words[shard / 64] & (1 << UInt64(shard % 64)) != 0
    }

    package var count: Int {
        areAll ? EpochLayout.shardCount : words.reduce(0) { $0 + $1.nonzeroBitCount }
    }

    package func forEach(_ body: (Int) -> Void) {
        if areAll {
            for shard in 0..<EpochLayout.shardCount { body(shard) }
            return
        }
        for (index, word) in words.enumerated() {
            var rest = word
            while rest != 0 {
                body(index * 64 + rest.trailingZeroBitCount)
                rest &= rest - 1
            }
        }
    }
}
