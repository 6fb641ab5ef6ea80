import Glibc

/// The file of an epoch page that another process writes: opened, checked, and mapped for reading.
package enum EpochPageFile {
    /// Why a file is not the page that it should be.
    package enum Problem: Error, Equatable {
        /// A name that is a path, or none.
        case badName
        case system(SystemError)
        /// Not a regular file, or of another owner, mode, size or number of links: which of them.
        case wrongFile(String)
        /// Another layout than this version knows.
        case wrongLayout
        /// A page, and not the one that was named: it has been replaced.
        case otherPage
    }

    /// Maps the page of this name in `directory`. The descriptor is closed again, here and whatever happens.
    ///
    /// Only a file that nobody but `ownerID` can change is mapped, or its next owner could make up epochs, or cut it short
    /// and so end this process by SIGBUS (mmap(2)).
    package static func map(
        directory: String, name: String, ownerID: UInt32, pageID: [UInt8]
    ) throws(Problem) -> EpochMemory {
        guard !name.isEmpty, name != ".", name != "..", !name.utf8.contains(UInt8(ascii: "/")), !name.utf8.contains(0)
        else { throw .badName }
        let path = directory == "/" ? "/" + name : directory + "/" + name
        // O_NONBLOCK: a FIFO of that name must not hold the caller.
        let raw = Glibc.open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        if raw < 0 { throw .system(.last("open")) }
        let descriptor = FileDescriptor(owning: raw)
        try check(descriptor, ownerID: ownerID)
        let memory: EpochMemory
        do throws(SystemError) {
            memory = try EpochMemory(mapping: descriptor.rawValue, isWritable: false)
        } catch {
            throw .system(error)
        }
        guard memory.isOfThisLayout else { throw .wrongLayout }
        guard memory.pageID == pageID else { throw .otherPage }
        return memory
    }

    private static func check(_ descriptor: borrowing FileDescriptor, ownerID: UInt32) throws(Problem) {
        var status = stat()
        if fstat(descriptor.rawValue, &status) != 0 { throw .system(.last("fstat")) }
        if status.st_mode & S_IFMT != S_IFREG { throw .wrongFile("type") }
        if status.st_uid != ownerID { throw .wrongFile("owner") }
        if status.st_mode & 0o7777 != EpochLayout.mode { throw .wrongFile("mode") }
        if status.st_size != EpochLayout.byteCount { throw .wrongFile("size") }
        if status.st_nlink != 1 { throw .wrongFile("links") }
    }
}
