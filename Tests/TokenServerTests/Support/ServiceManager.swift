import Glibc
import LinuxIO

/// Starts a daemon as systemd does: with its sockets open, and a place to tell how it is.
final class ServiceManager {
    let notifications: NotifySocket
    /// Kept, for its files go with it.
    private let place: DaemonProcess.Place
    private let service: UnixListener
    private let `operator`: UnixListener
    private let names: String

    /// Listens at the place's paths for as long as this lives. The daemon is told the sockets by `names`.
    init(_ place: DaemonProcess.Place, names: String = "operator:rpc") throws {
        self.names = names
        self.place = place
        notifications = try NotifySocket(place.directory)
        service = try UnixListener(path: place.socketPath, mode: 0o660)
        `operator` = try UnixListener(path: place.operatorPath, mode: 0o600)
    }

    func spawn(
        _ executable: String, _ arguments: [String], _ actions: UnsafeMutablePointer<posix_spawn_file_actions_t>
    ) throws -> pid_t {
        // Out of the way of 3 and 4, which they are to become.
        let handed = [`operator`.descriptor.rawValue, service.descriptor.rawValue].map {
            FileDescriptorNumber(duplicating: $0)
        }
        for (offset, number) in handed.enumerated() {
            posix_spawn_file_actions_adddup2(actions, number.raw, ActivatedSockets.firstDescriptor + Int32(offset))
        }
        // Only the shell knows the pid that LISTEN_PID has to name.
        let script = """
            export LISTEN_PID=$$ LISTEN_FDS=2 LISTEN_FDNAMES=\(names) NOTIFY_SOCKET=\(notifications.path)
            exec "$@"
            """
        return try DaemonProcess.spawn("/bin/sh", ["-c", script, "sh", executable] + arguments, actions)
    }

    private final class FileDescriptorNumber {
        let raw: Int32
        init(duplicating other: Int32) { raw = fcntl(other, F_DUPFD_CLOEXEC, 100) }
        deinit { close(raw) }
    }
}
