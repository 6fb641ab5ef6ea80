import Foundation
import TokenClient

/// The daemon that is measured or seeded, by its two sockets.
struct Target {
    let service: TokenClient.Configuration
    let host: TokenClient.Configuration

    init(socketPath: String?) {
        var service = TokenClient.Configuration.fromEnvironment()
        if let socketPath { service.socketPath = socketPath }
        // Under a load that the daemon can't carry a call may wait long, and that is what is to be seen.
        service.callTimeout = .seconds(30)
        service.connectTimeout = .seconds(1)
        self.service = service
        let directory = (service.socketPath as NSString).deletingLastPathComponent
        var host = service
        host.socketPath = directory.isEmpty ? "operator.sock" : directory + "/operator.sock"
        self.host = host
    }

    /// The daemon's own figures; nil where the operator's socket can't be opened.
    func details() -> ServerStatus.Details? {
        guard let client = try? TokenClient(host) else { return nil }
        return try? client.status().details
    }

    /// What any client is told.
    func status() throws -> ServerStatus { try TokenClient(service).status() }

    /// Makes the workspace unless it is there.
    func bootstrap(_ owner: Owner) throws {
        do throws(TokenError) {
            _ = try TokenClient(host).bootstrap(workspaceID: owner.workspace, userID: owner.user)
        } catch {
            if error.code == .alreadyExists { return }
            if error.code == .connectionFailed || error.code == .permissionDenied {
                throw Problem(
                    message: "\(error.message)\nTokens are made through the operator's socket (\(host.socketPath)), "
                        + "which only root and the daemon's user can open.")
            }
            throw error
        }
    }
}

/// Whose the tokens are that tokenbench creates.
struct Owner {
    var workspace = "ws_bench"
    var user = "bench"

    var credential: Credential { .delegate(user: user, workspace: workspace) }

    /// Begins the names of one run's tokens, which no other run's have.
    static func namePrefix() -> String { "bench-" + String(UInt32.random(in: .min ... .max), radix: 36) }
}
