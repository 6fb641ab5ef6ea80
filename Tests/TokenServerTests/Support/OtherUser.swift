import Glibc
import LinuxIO
import TokenWire

/// A peer that is somebody else to the kernel. A process under these ids connects a socket that it has of the test, and
/// ends: the socket keeps the credentials of who connected it.
struct OtherUser {
    var userID: UInt32 = 4242
    var groupID: UInt32 = 4242
    var groupIDs: [UInt32] = []

    /// setpriv(1) needs root.
    static let canBecome = geteuid() == 0

    /// What connect(2) says is the process's exit code.
    private static let program = """
        import socket, sys
        sys.exit(socket.socket(fileno=3).connect_ex(sys.argv[1]))
        """

    func connect(_ path: String) throws -> RawClient {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        if descriptor < 0 { throw ClientFailure(what: "socket") }
        let client = RawClient(adopting: descriptor)
        let code = try run(descriptor, path)
        if code != 0 { throw ClientFailure(what: "connect as uid \(userID)", code: code) }
        return client
    }

    private func run(_ descriptor: Int32, _ path: String) throws -> Int32 {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, descriptor, 3)
        let groups = groupIDs.map(String.init).joined(separator: ",")
        let arguments =
            ["--reuid", String(userID), "--regid", String(groupID)]
            + (groups.isEmpty ? ["--clear-groups"] : ["--groups", groups])
            + ["env", "python3", "-c", Self.program, path]
        let pid = try DaemonProcess.spawn("/usr/bin/setpriv", arguments, &actions)
        var status: Int32 = 0
        guard waitpid(pid, &status, 0) == pid, status & 0x7f == 0 else { throw ClientFailure(what: "setpriv") }
        return status >> 8 & 0xff
    }
}

extension ServerFixture {
    /// Lets every user of the host come as far as the sockets, whose modes say who may open them.
    func openDirectory() { chmod(TrustedPath.parent(of: socketPath), 0o711) }

    /// The same, and everybody may open the service socket.
    func openToAll() {
        openDirectory()
        chmod(socketPath, 0o666)
    }

    /// A second workspace; returns its administrator's token.
    func bootstrapOther() throws -> String {
        try operatorClient().call(.bootstrap, BootstrapRequest(workspaceID: "ws_other", userID: "bob"))
            .secretToken().secret
    }
}
