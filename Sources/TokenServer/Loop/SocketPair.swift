package import LinuxIO

/// The two sockets a daemon listens on. Shared by its loops.
package final class SocketPair: Sendable {
    let service: UnixListener
    let `operator`: UnixListener

    package init(service: consuming UnixListener, operator: consuming UnixListener) {
        self.service = service
        self.operator = `operator`
    }

    /// By which clients find them, and whether somebody else has made them.
    var files: [(file: PlacedFile, isHandedOver: Bool)] {
        let operatorFile = `operator`.file.map { ($0, `operator`.isHandedOver) }
        return [operatorFile, service.file.map { ($0, service.isHandedOver) }].compactMap(\.self)
    }

    /// No new connection finds its way here; those that exist live on.
    func removeFiles() {
        service.removeFile()
        `operator`.removeFile()
    }
}
