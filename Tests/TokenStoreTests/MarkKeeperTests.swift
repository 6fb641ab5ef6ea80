import Foundation
import Glibc
import TestSupport
import Testing
import TokenCore

@testable import TokenStore

@Suite("Writing the mark")
struct MarkKeeperTests {
    private let path = FileManager.default.temporaryDirectory.path + "/tokend-mark-" + UUID().uuidString
    private let store = StoreID(random: (1, 2))

    private func sequencesOfTheSlots() throws -> [Int64?] {
        let page = Array(try Data(contentsOf: URL(filePath: path)))
        return MarkPage.slotOffsets.map { offset in
            var alone = [UInt8](repeating: 0, count: MarkPage.byteCount)
            alone.replaceSubrange(
                offset..<offset + MarkPage.slotByteCount, with: page[offset..<offset + MarkPage.slotByteCount])
            return MarkPage.newest(in: alone)?.mark.sequence
        }
    }

    private func descriptor(of path: String) throws -> Int32 {
        let path = try #require(realpath(path, nil).map { String(cString: $0) })
        let names = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        let name = names.first { name in
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + name)) == path
        }
        return try #require(name.flatMap { Int32($0) })
    }

    /// A crash in the second try must find the mark that was the newest one before the first.
    @Test func whatFindsNoRoomAndIsTriedAgainTakesTheSameSlot() throws {
        defer { unlink(path) }
        let lock = try StoreLock.create(
            path: path, mark: RollbackMark(store: store, sequence: 10, head: .zero))
        let descriptor = try descriptor(of: path)
        var keeper = MarkKeeper(lock: lock, store: store, generation: 0, synchronizedSequence: 10)
        for sequence: Int64 in 11...12 {
            let failure = keeper.advance(sequence: sequence, head: .zero)
            try #require(failure == nil)
        }
        #expect(try sequencesOfTheSlots() == [12, 11])

        let kept = dup(descriptor)
        let full = open("/dev/full", O_RDWR | O_CLOEXEC)
        dup2(full, descriptor)
        let failure = keeper.advance(sequence: 13, head: .zero)
        dup2(kept, descriptor)
        close(full)
        close(kept)
        #expect(failure?.isForWantOfRoom == true)
        let second = keeper.advance(sequence: 13, head: .zero)
        #expect(second == nil)
        #expect(try sequencesOfTheSlots() == [12, 13])
    }
}
