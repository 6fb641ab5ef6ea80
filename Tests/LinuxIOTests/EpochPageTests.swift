import Glibc
import TestSupport
import Testing

@testable import LinuxIO

@Suite("The epoch page")
struct EpochPageTests {
    private let place: TemporaryDirectory
    private var path: String { place.path + "/tokend.sock.epochs" }

    init() throws { place = try TemporaryDirectory("tokend-epochs") }

    private func open(_ id: [UInt8]? = nil) throws -> EpochPage { try EpochPage.open(path: path, rememberedID: id) }

    private func epochs(_ page: EpochPage) -> [UInt64] {
        (0..<EpochLayout.shardCount).map { page.memory.epoch($0) }
    }

    @Test func aNewPageHasTheLayoutOfTheProtocolAndEvenEpochs() throws {
        let page = try open()
        #expect(page.pageID.count == 16)
        #expect(!page.isReplacement)
        var status = stat()
        #expect(stat(path, &status) == 0)
        #expect(status.st_size == 32_832)
        #expect(status.st_mode & 0o7777 == 0o640)
        #expect(status.st_blocks * 512 >= 32_832)
        let bytes = try #require(fopen(path, "r"))
        defer { fclose(bytes) }
        var header = [UInt8](repeating: 0, count: 64)
        #expect(fread(&header, 1, 64, bytes) == 64)
        #expect(Array(header[..<8]) == Array("tokendEP".utf8))
        #expect(Array(header[8..<16]) == [1, 0, 0, 0, 0, 16, 0, 0])
        #expect(Array(header[16..<32]) == page.pageID)
        #expect(Array(header[48..<64]) == [UInt8](repeating: 0, count: 16))
        #expect(epochs(page).allSatisfy { $0 % 2 == 0 })
    }

    @Test func theSamePageIsOpenedAgainWithEveryEpochMovedOnAndAnotherInstance() throws {
        let first = try open()
        let before = epochs(first)
        let instance = first.memory.instance
        let second = try open(first.pageID)
        #expect(second.pageID == first.pageID)
        #expect(!second.isReplacement)
        // Both are mappings of one file.
        #expect(zip(epochs(first), before).allSatisfy { $0 > $1 && $0 % 2 == 0 })
        #expect(first.memory.instance != instance)
    }

    @Test func anEpochThatWasOddWhenTheDaemonDiedIsEvenAndNewAfterwards() throws {
        let first = try open()
        var shards = EpochShards()
        shards.insert(7)
        first.begin(shards)
        let odd = first.memory.epoch(7)
        #expect(odd % 2 == 1)
        let second = try open(first.pageID)
        #expect(second.memory.epoch(7) > odd)
        #expect(second.memory.epoch(7) % 2 == 0)
    }

    @Test func aChangeMovesTheEpochsOfItsShardsAndNoOthers() throws {
        let page = try open()
        let before = epochs(page)
        var shards = EpochShards()
        for shard in [0, 63, 64, 4_095] { shards.insert(shard) }
        page.begin(shards)
        #expect((0..<4_096).filter { page.memory.epoch($0) == before[$0] + 1 } == [0, 63, 64, 4_095])
        page.end(shards)
        #expect((0..<4_096).filter { page.memory.epoch($0) == before[$0] + 2 } == [0, 63, 64, 4_095])
        page.begin(.all)
        #expect(epochs(page).allSatisfy { $0 % 2 == 1 })
        page.end(.all)
        page.begin(EpochShards())
        #expect(epochs(page).allSatisfy { $0 % 2 == 0 })
    }

    @Test(arguments: ["id", "size", "mode", "link", "symlink", "magic", "gone"])
    func aPageThatIsNotTheOneRememberedIsReplaced(_ fault: String) throws {
        let first = try open()
        var remembered = first.pageID
        switch fault {
        case "id": remembered[0] ^= 1
        case "size": truncate(path, 4_096)
        case "mode": chmod(path, 0o666)
        case "link": link(path, path + ".other")
        case "symlink":
            rename(path, path + ".real")
            symlink(path + ".real", path)
        case "magic":
            let file = try #require(fopen(path, "r+"))
            fputc(0, file)
            fclose(file)
        default: unlink(path)
        }
        let second = try open(remembered)
        #expect(second.isReplacement)
        #expect(second.pageID != first.pageID)
        var status = stat()
        #expect(lstat(path, &status) == 0)
        #expect(status.st_mode & S_IFMT == S_IFREG)
        #expect(status.st_size == 32_832)
        #expect(status.st_nlink == 1)
    }

    @Test func aPageOfAnotherStoreIsReplacedToo() throws {
        _ = try open()
        #expect(try open().isReplacement)
    }

    @Test func aLeaseLiesAheadOnTheClockThatSuspendingDoesNotStop() throws {
        let page = try EpochPage.makePrivate()
        #expect(page.memory.leaseEnd == 0)
        let before = UInt64(SystemClock.boottimeNanoseconds())
        page.renewLease()
        let end = page.memory.leaseEnd
        #expect((before + 10_000_000_000...before + 11_000_000_000).contains(end))
    }

    @Test func shardsAreASet() {
        var shards = EpochShards()
        #expect(shards.isEmpty)
        for shard in [5, 4_095, 5, 64] { shards.insert(shard) }
        var found: [Int] = []
        shards.forEach { found.append($0) }
        #expect(found == [5, 64, 4_095])
        #expect(shards.contains(64) && !shards.contains(65))
        shards.removeAll()
        #expect(shards.isEmpty && !shards.contains(5))
        shards.insertAll()
        shards.insert(3)
        found = []
        shards.forEach { found.append($0) }
        #expect(found == Array(0..<4_096))
    }
}
