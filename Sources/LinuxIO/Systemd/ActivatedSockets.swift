import Glibc

/// Listening sockets that the service manager made and handed over, by their names: sd_listen_fds_with_names(3).
///
/// They are the service manager's. Whoever connects while this process is gone waits in the socket's backlog for the next
/// one, so that nothing here is unlinked or shut down.
package struct ActivatedSockets: Sendable {
    package struct Failure: Error, Equatable, CustomStringConvertible {
        package let description: String
    }

    /// SD_LISTEN_FDS_START.
    package static let firstDescriptor: Int32 = 3

    private var descriptors: [String: Int32]

    /// Takes what is meant for this process, marked to be closed on exec. What is meant for another one is ignored;
    /// anything but listening Unix stream sockets with these names is refused.
    package init(
        _ environment: ServiceEnvironment, names known: [String], processID: Int32 = getpid(),
        firstDescriptor: Int32 = ActivatedSockets.firstDescriptor
    ) throws(Failure) {
        descriptors = [:]
        let count = try Self.count(environment, processID: processID)
        if count == 0 { return }
        if count > known.count {
            throw Failure("LISTEN_FDS is \(count), but there are \(known.count) sockets: \(Self.list(known))")
        }
        let names = (environment.listenNames ?? "").split(separator: ":", omittingEmptySubsequences: false)
        if environment.listenNames == nil || names.count != count {
            throw Failure(
                "LISTEN_FDNAMES must name \(count) sockets, by FileDescriptorName= in the socket unit: \(Self.list(known))"
            )
        }
        for (offset, name) in names.map(String.init).enumerated() {
            let raw = firstDescriptor + Int32(offset)
            if !known.contains(name) {
                throw Failure(
                    "LISTEN_FDNAMES names a socket “\(name)”; set FileDescriptorName= in the socket unit to one of "
                        + Self.list(known))
            }
            if descriptors.updateValue(raw, forKey: name) != nil {
                throw Failure("LISTEN_FDNAMES names two sockets “\(name)”; keep one")
            }
            // All of them, before one of them is refused.
            if fcntl(raw, F_SETFD, FD_CLOEXEC) != 0 {
                throw Failure("descriptor \(raw), which LISTEN_FDS counts as “\(name)”, is not open")
            }
        }
    }

    /// The socket with this name, if there is one: from now on the caller's. Clients look for it at `path`, so that it must
    /// be the socket there.
    package mutating func take(_ name: String, boundTo path: String) throws(Failure) -> UnixListener? {
        guard let raw = descriptors.removeValue(forKey: name) else { return nil }
        let listener: UnixListener
        do throws(UnixListener.Failure) {
            listener = try UnixListener(adopting: raw)
        } catch {
            throw Failure("the socket “\(name)” was handed over, but \(error.description)")
        }
        let bound = listener.file?.path ?? ""
        if bound != path && !Self.isSameFile(bound, path) {
            let place = bound.isEmpty ? "no path" : bound
            throw Failure(
                "the socket “\(name)” was handed over at \(place), but the setting wants \(path); make ListenStream= the same"
            )
        }
        return listener
    }

    private static func count(_ environment: ServiceEnvironment, processID: Int32) throws(Failure) -> Int {
        guard let owner = environment.listenProcessID else { return 0 }
        guard let owner = Int32(owner), owner > 0 else {
            throw Failure("LISTEN_PID is “\(owner)”, which is no process id")
        }
        // Meant for a process that started this one.
        if owner != processID { return 0 }
        guard let text = environment.listenCount else { return 0 }
        guard let count = Int32(text), count >= 0 else {
            throw Failure("LISTEN_FDS is “\(text)”, which is no number of descriptors")
        }
        return Int(count)
    }

    /// A directory in the path may be a symbolic link, as /var/run is.
    private static func isSameFile(_ left: String, _ right: String) -> Bool {
        var (first, second) = (stat(), stat())
        return stat(left, &first) == 0 && stat(right, &second) == 0
            && first.st_dev == second.st_dev && first.st_ino == second.st_ino
    }

    private static func list(_ names: [String]) -> String { names.joined(separator: " and ") }
}

extension ActivatedSockets.Failure {
    fileprivate init(_ description: String) {
        self.init(description: description)
    }
}
