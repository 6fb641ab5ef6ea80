package import LinuxIO

/// The two sockets a daemon listens on. Shared by its loops.
package final class SocketPair: Sendable {
    let service: UnixListener
    let `operator`: UnixListener

    package init(service: consuming UnixListener, operator: consuming UnixListener) {
        self.service = service
        self.operator = `operator`
    }

    /// No new connection finds its way here; those that exist live on.
    func removeFiles() {
        service.removeFile()
        `operator`.removeFile()
    }
}
