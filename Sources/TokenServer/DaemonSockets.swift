import LinuxIO
import TokenCore

/// The sockets of the daemon: handed over by the service manager, or else bound here.
struct DaemonSockets {
    private var activated: ActivatedSockets

    init(_ environment: ServiceEnvironment) throws(Daemon.Failure) {
        do throws(ActivatedSockets.Failure) {
            activated = try ActivatedSockets(environment, names: SocketKind.allCases.map(\.activationName))
        } catch {
            throw Daemon.Failure(error)
        }
    }

    /// Both of them; none is left behind when one can't be had. The store's lock is held, so that a socket left at its path
    /// is a dead daemon's. Who connects from here on waits until the loops serve.
    mutating func takeAll(_ settings: ServerConfiguration, _ log: Log) throws -> SocketPair {
        // The operator's socket first: by then the one that services wait for can be served.
        let `operator` = try take(.operator, settings, log)
        let service: UnixListener
        do {
            service = try take(.service, settings, log)
        } catch {
            `operator`.removeFile()
            throw error
        }
        return SocketPair(service: service, operator: `operator`)
    }

    /// Whose members are the clients, where the host has it.
    private static let groupOfClients = "tokend-clients"

    /// Mode and group of one that is handed over are what the socket unit says.
    private mutating func take(_ kind: SocketKind, _ settings: ServerConfiguration, _ log: Log) throws -> UnixListener {
        let path =
            switch kind {
            case .service: settings.socketPath
            case .operator: settings.operatorSocketPath
            }
        if let listener = try activated.take(kind.activationName, boundTo: path) {
            log.write(.info, "listening on a socket of the service manager", ["path": path])
            return listener
        }
        return switch kind {
        case .service: try bindForClients(path, log)
        case .operator: try UnixListener(path: path, mode: 0o600)
        }
    }

    private func bindForClients(_ path: String, _ log: Log) throws -> UnixListener {
        let groupID = try? AccountDatabase.groupID(named: Self.groupOfClients)
        let listener = try UnixListener(path: path, mode: 0o660, groupID: groupID)
        if let groupID, let found = listener.file?.groupID, found != groupID {
            log.write(
                .info, "the socket can't belong to the group of the clients: the daemon is not root and not in it",
                ["path": path, "group": Self.groupOfClients, "gid": String(found)])
        }
        return listener
    }
}

extension SocketKind {
    /// FileDescriptorName= in the socket unit, see systemd.socket(5).
    var activationName: String {
        switch self {
        case .service: "rpc"
        case .operator: "operator"
        }
    }
}

extension Daemon.Failure {
    init(_ failure: ActivatedSockets.Failure) {
        self.init(description: failure.description, exitCode: .configuration)
    }
}
