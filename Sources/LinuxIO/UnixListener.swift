private import CLinux
import Glibc

/// A listening Unix stream socket: bound to a path of its own, or handed over as a descriptor.
package struct UnixListener: ~Copyable, Sendable {
    package struct Failure: Error, CustomStringConvertible {
        package let description: String
    }

    package enum Accepted: ~Copyable {
        case connection(FileDescriptor)
        /// Nobody is waiting.
        case none
        /// No descriptor was left (EMFILE, ENFILE): one waiting peer was turned away so that the rest can be seen.
        case turnedAway
        case failed(SystemError)
    }

    /// Connections that wait to be accepted; a peer past that waits in connect(2), see listen(2).
    package static let backlogMax: Int32 = 1024

    package let descriptor: FileDescriptor
    /// By which clients find it; none for a socket without a path.
    package let file: PlacedFile?
    /// Whether somebody else has made it, whose its file is.
    package let isHandedOver: Bool

    /// Binds `path` with `mode`. The caller holds the lock that makes it the only one to serve this path.
    ///
    /// A socket that a dead process of ours left there is removed; anything else there is left alone and refused. The file
    /// belongs to `groupID` if this process may give it away so, else and without one to the process's own group.
    package init(path: String, mode: UInt32, groupID: UInt32? = nil) throws(Failure) {
        do throws(SystemError) {
            let address = try UnixAddress(path: path)
            try Self.removeStale(address)
            let raw = clinux_unix_socket(1)
            if raw < 0 { throw .last("socket") }
            let descriptor = FileDescriptor(owning: raw)
            // The mode of the unbound socket becomes the file's: there is no moment with another one.
            if fchmod(raw, mode) != 0 { throw .last("fchmod") }
            try Self.bind(raw, to: address, groupID)
            let file = PlacedFile(path: path)
            clinux_refuse_descriptors(raw)
            if listen(raw, Self.backlogMax) != 0 {
                let error = SystemError.last("listen")
                file.remove()
                throw error
            }
            self.descriptor = descriptor
            self.file = file
            isHandedOver = false
        } catch {
            throw Failure(description: Self.explanation(of: error, path: path))
        }
    }

    private static func bind(_ raw: Int32, to address: UnixAddress, _ groupID: UInt32?) throws(SystemError) {
        let previousMask = umask(0)
        // As root: so that there is no moment with another group either, in which a client would be turned away.
        let previousGroup = groupID.map { clinux_set_group_of_files($0) }
        let bound = address.withSocketAddress { Glibc.bind(raw, $0, $1) }
        let bindError = SystemError.last("bind")
        if let previousGroup { _ = clinux_set_group_of_files(previousGroup) }
        umask(previousMask)
        if bound != 0 { throw bindError }
        // As a member of the group.
        if let groupID { PlacedFile(path: address.path).give(toGroup: groupID) }
    }

    /// Takes over a listening Unix stream socket.
    package init(adopting raw: Int32) throws(Failure) {
        func option(_ name: Int32) -> Int32? {
            var value: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            return getsockopt(raw, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
        }
        guard option(SO_DOMAIN) == AF_UNIX, option(SO_TYPE) == Int32(SOCK_STREAM.rawValue), option(SO_ACCEPTCONN) == 1
        else { throw Failure(description: "descriptor \(raw) is not a listening Unix stream socket") }
        _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
        _ = fcntl(raw, F_SETFL, fcntl(raw, F_GETFL) | O_NONBLOCK)
        clinux_refuse_descriptors(raw)
        descriptor = FileDescriptor(owning: raw)
        let path = Self.boundPath(of: raw)
        file = path.isEmpty ? nil : PlacedFile(path: path)
        isHandedOver = true
    }

    /// Where it was bound; empty when it has no path.
    private static func boundPath(of raw: Int32) -> String {
        var address = sockaddr_un()
        var size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let code = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(raw, $0, &size) }
        }
        if code != 0 { return "" }
        return withUnsafeBytes(of: address.sun_path) { bytes in
            String(decoding: bytes.prefix(Int(size) - MemoryLayout<sa_family_t>.size).prefix { $0 != 0 }, as: UTF8.self)
        }
    }

    package borrowing func accept(reserve: inout ReserveDescriptor) -> Accepted {
        let raw = clinux_accept(descriptor.rawValue)
        if raw >= 0 { return .connection(FileDescriptor(owning: raw)) }
        let code = errno
        switch code {
        case EAGAIN, EINTR, ECONNABORTED:
            return .none
        case EMFILE, ENFILE:
            // A level-triggered poller would report this peer for ever: take it with the descriptor kept for that.
            switch reserve.turnAway(from: descriptor.rawValue) {
            case 0: return .turnedAway
            // EMFILE comes before the kernel looks whether anybody waits, so perhaps nobody did.
            case EAGAIN: return .none
            case let stillFailing: return .failed(SystemError("accept4", code: stillFailing))
            }
        default:
            return .failed(SystemError("accept4", code: code))
        }
    }

    /// Removes the socket file if it is still the one that was bound. Connections live on.
    package borrowing func removeFile() {
        if !isHandedOver { file?.remove() }
    }

    private static func removeStale(_ address: UnixAddress) throws(SystemError) {
        var status = stat()
        if lstat(address.path, &status) != 0 {
            let code = errno
            if code == ENOENT { return }
            throw SystemError("lstat", code: code)
        }
        guard status.st_mode & S_IFMT == S_IFSOCK, status.st_uid == geteuid() else {
            throw SystemError("bind", code: EEXIST)
        }
        let raw = clinux_unix_socket(1)
        if raw < 0 { throw .last("socket") }
        let probe = FileDescriptor(owning: raw)
        let connected = address.withSocketAddress { connect(probe.rawValue, $0, $1) }
        // ECONNREFUSED: nobody listens any more. Any other answer, EAGAIN of a full backlog too, is a live listener.
        if connected == 0 || errno != ECONNREFUSED { throw SystemError("bind", code: EADDRINUSE) }
        if unlink(address.path) != 0 { throw .last("unlink") }
    }

    private static func explanation(of error: SystemError, path: String) -> String {
        switch error.code {
        case EADDRINUSE: "\(path): another process is listening there; stop it or name another --socket"
        case EEXIST: "\(path): there is something that is not a socket of ours; remove it or name another --socket"
        case ENAMETOOLONG:
            "\(path): a socket path has at most \(UnixAddress.pathByteCountMax) bytes; name a shorter --socket"
        case ENOENT: "\(path): its directory does not exist; create it, mode 0755, owned by who runs tokend"
        default: "\(path): \(error)"
        }
    }
}

/// A descriptor kept open so that there is one left when the process runs out.
package struct ReserveDescriptor: ~Copyable {
    private var raw: Int32

    package init() {
        raw = open("/dev/null", O_RDONLY | O_CLOEXEC)
    }

    /// Accepts one connection with the descriptor given up for it, and closes it. Returns 0, or accept's errno: EAGAIN
    /// when nobody waits, EMFILE or ENFILE when another thread was faster or the machine has none left.
    mutating func turnAway(from listener: Int32) -> Int32 {
        if raw >= 0 { close(raw) }
        let accepted = clinux_accept(listener)
        let code = accepted >= 0 ? 0 : errno
        if accepted >= 0 { close(accepted) }
        raw = open("/dev/null", O_RDONLY | O_CLOEXEC)
        return code
    }

    deinit {
        if raw >= 0 { close(raw) }
    }
}
