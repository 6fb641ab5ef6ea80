internal import Glibc
internal import LinuxIO

extension TokenClient {
    /// Where the daemon is, for whom to call, and how long to wait.
    public struct Configuration: Sendable {
        /// The socket that services use: `/run/tokend/tokend.sock`, see tokend(8).
        public static let defaultSocketPath = "/run/tokend/tokend.sock"

        /// The socket of the host's operator, which root and the daemon's own user can open:
        /// `/run/tokend/operator.sock`. `bootstrap` needs it.
        public static let operatorSocketPath = "/run/tokend/operator.sock"

        /// Path of the daemon's socket, 1 to 107 bytes (see unix(7)).
        public var socketPath: String

        /// For whom calls are made that don't name a credential of their own.
        public var credential: Credential

        /// How long a call may take that doesn't say so itself, connecting included. 5 seconds unless set.
        /// With zero or less, calls fail with `deadlineExceeded` or `connectionFailed` before anything is sent.
        public var callTimeout: Duration

        /// How long a call goes on trying to reach a daemon that isn't there, within its own timeout. 3 seconds unless
        /// set: long enough that a restart of the daemon fails no call. With zero a call tries once.
        public var connectTimeout: Duration

        /// Whom the listening process may run as. The kernel tells the uid (SO_PEERCRED, see unix(7)), and before
        /// anything is sent it is compared with this set; so must be the owners of the socket's directory and of those
        /// above it, and nobody else may be able to write there. Otherwise every call throws `untrustedServer`: whoever
        /// can put a socket of his own in that place would be sent every token.
        ///
        /// Unless set: root, the user of this process, and the user `tokend` if there is one. Under socket activation
        /// the listening process is systemd, which is root.
        public var trustedServerUserIDs: Set<UInt32>

        /// The defaults that each property names. Looks up the user `tokend` by getpwnam_r(3), which may read files.
        public init(
            socketPath: String = Self.defaultSocketPath, credential: Credential = .anonymous,
            callTimeout: Duration = .seconds(5), connectTimeout: Duration = .seconds(3)
        ) {
            self.socketPath = socketPath
            self.credential = credential
            self.callTimeout = callTimeout
            self.connectTimeout = connectTimeout
            self.trustedServerUserIDs = [0, geteuid()]
            if let daemon = Accounts.userID(named: "tokend") { trustedServerUserIDs.insert(daemon) }
        }

        /// The defaults, with the socket that the environment variable `TOKEND_SOCKET` names, if it is set and not empty.
        ///
        /// A process with more rights than whoever started it (setuid, setgid or file capabilities) ignores the
        /// variable: see secure_getenv(3). No other setting, and above all no secret, is taken from the environment.
        public static func fromEnvironment() -> Configuration {
            let named = secureEnvironment("TOKEND_SOCKET") ?? ""
            return Configuration(socketPath: named.isEmpty ? defaultSocketPath : named)
        }
    }
}
