import Glibc

/// The epoch page as the daemon has it: it moves epochs before and behind each change, and renews the lease.
///
/// The order of a change is: `begin` → COMMIT → `end` → the answer. An epoch moves by a sequentially consistent
/// read-modify-write, and a fence follows the last of them: who has heard the answer sees the epochs that it moved, and
/// who sees an even epoch again has the change visible in the store.
package final class EpochPage: Sendable {
    package let memory: EpochMemory
    package let pageID: [UInt8]
    /// In the directory of the socket; none for a page of this process alone.
    package let file: PlacedFile?
    /// Clients may have another page mapped, and believe it for one lease term from now.
    package let isReplacement: Bool
    package let leaseNanoseconds: Int64

    private init(
        memory: EpochMemory, pageID: [UInt8], path: String?, isReplacement: Bool, leaseNanoseconds: Int64
    ) {
        self.memory = memory
        self.pageID = pageID
        file = path.map { PlacedFile(path: $0) }
        self.isReplacement = isReplacement
        self.leaseNanoseconds = leaseNanoseconds
    }

    package var fileName: String? { file?.path.split(separator: "/").last.map(String.init) }

    /// A page of this process alone.
    package static func makePrivate(
        leaseNanoseconds: Int64 = EpochLayout.leaseNanoseconds
    ) throws(SystemError) -> EpochPage {
        let memory = try EpochMemory(mapping: nil, isWritable: true)
        let page = EpochPage(
            memory: memory, pageID: newID(), path: nil, isReplacement: false,
            leaseNanoseconds: leaseNanoseconds)
        memory.writeHeader(pageID: page.pageID)
        page.beginInstance()
        return page
    }

    /// Opens the page that this store had when it was last served, or makes one in place of what is there.
    ///
    /// The page is the same only if it has the id that the store remembers, our owner, the exact size, one link and the
    /// right mode: anything else is lost, and clients may hold on to the lost one until its lease is over.
    package static func open(
        path: String, rememberedID: [UInt8]?, leaseNanoseconds: Int64 = EpochLayout.leaseNanoseconds
    ) throws(SystemError) -> EpochPage {
        if let page = reopening(path: path, rememberedID: rememberedID, leaseNanoseconds: leaseNanoseconds) {
            return page
        }
        let isReplacement = rememberedID != nil || access(path, F_OK) == 0
        let page = try create(path, isReplacement: isReplacement, leaseNanoseconds)
        page.beginInstance()
        return page
    }

    /// Whether the page that a store remembers lies there.
    package static func isPresent(path: String, rememberedID: [UInt8]) -> Bool {
        (try? existing(path))?.pageID == rememberedID
    }

    /// The page that this store had when it was last served; none if it is lost. Every epoch is moved on by this.
    package static func reopening(path: String, rememberedID: [UInt8]?, leaseNanoseconds: Int64) -> EpochPage? {
        guard let rememberedID, let memory = try? existing(path), memory.pageID == rememberedID else { return nil }
        let page = EpochPage(
            memory: memory, pageID: rememberedID, path: path, isReplacement: false, leaseNanoseconds: leaseNanoseconds)
        page.beginInstance()
        return page
    }

    private static func existing(_ path: String) throws(SystemError) -> EpochMemory? {
        let raw = Glibc.open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC)
        if raw < 0 { throw .last("open") }
        let descriptor = FileDescriptor(owning: raw)
        var status = stat()
        if fstat(descriptor.rawValue, &status) != 0 { throw .last("fstat") }
        let isOurs =
            status.st_mode & S_IFMT == S_IFREG && status.st_uid == geteuid() && status.st_nlink == 1
            && status.st_size == EpochLayout.byteCount && status.st_mode & 0o7777 == EpochLayout.mode
        guard isOurs else { return nil }
        let memory = try EpochMemory(mapping: descriptor.rawValue, isWritable: true)
        return memory.isOfThisLayout ? memory : nil
    }

    /// Written under another name, whole, and renamed: a client sees no half of a page, and one that has the old file
    /// mapped keeps what it has.
    private static func create(
        _ path: String, isReplacement: Bool, _ leaseNanoseconds: Int64
    ) throws(SystemError) -> EpochPage {
        let temporary = path + ".new"
        unlink(temporary)
        let raw = Glibc.open(temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        if raw < 0 { throw .last("open") }
        let descriptor = FileDescriptor(owning: raw)
        // With all its blocks: a hole that the file system can't fill is SIGBUS at the first write (mmap(2)).
        let code = posix_fallocate(descriptor.rawValue, 0, off_t(EpochLayout.byteCount))
        if code != 0 { throw SystemError("posix_fallocate", code: code) }
        let memory = try EpochMemory(mapping: descriptor.rawValue, isWritable: true)
        let pageID = newID()
        memory.writeHeader(pageID: pageID)
        if fchmod(descriptor.rawValue, EpochLayout.mode) != 0 { throw .last("fchmod") }
        if rename(temporary, path) != 0 { throw .last("rename") }
        return EpochPage(
            memory: memory, pageID: pageID, path: path, isReplacement: isReplacement,
            leaseNanoseconds: leaseNanoseconds)
    }

    private static func newID() -> [UInt8] {
        var id: [UInt8] = []
        for _ in 0..<2 { withUnsafeBytes(of: Randomness.word()) { id += $0 } }
        return id
    }

    /// Nothing that was kept under the page before this is good behind it.
    private func beginInstance() {
        for shard in 0..<EpochLayout.shardCount where !Mistake.restartWithoutMoving.isMade {
            memory.move(shard)
            // One that was odd when the daemon died is even now; it must not be a number it has been.
            if memory.epoch(shard) % 2 == 1 { memory.move(shard) }
        }
        memory.setInstance(Randomness.word())
        memory.fence()
    }

    /// Marks the shards of a change that is about to be committed: nothing kept for them is used from here on, and nothing
    /// is kept.
    package func begin(_ shards: EpochShards) {
        if Mistake.moveOnlyAfter.isMade || Mistake.answerBeforeMoving.isMade { return }
        move(shards)
        if Mistake.moveOnlyBefore.isMade { move(shards) }
    }

    /// The change is committed, or it is certain that it is not.
    package func end(_ shards: EpochShards) {
        if Mistake.moveOnlyBefore.isMade || Mistake.answerBeforeMoving.isMade { return }
        move(shards)
        if Mistake.moveOnlyAfter.isMade { move(shards) }
    }

    /// Does nothing, unless the mistake is built in to move the epochs here.
    package func answered(_ shards: EpochShards) {
        if !Mistake.answerBeforeMoving.isMade { return }
        move(shards)
        move(shards)
    }

    private func move(_ shards: EpochShards) {
        if shards.isEmpty { return }
        shards.forEach { memory.move($0) }
        memory.fence()
    }

    package func renewLease() {
        memory.setLeaseEnd(UInt64(SystemClock.boottimeNanoseconds() + leaseNanoseconds))
    }
}
