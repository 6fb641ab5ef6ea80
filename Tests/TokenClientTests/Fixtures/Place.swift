import Glibc
import TestSupport
import Testing

@testable import TokenClient

/// A directory that only this user can write to, removed with all that is in it.
final class Place: Sendable {
    private let temporary: TemporaryDirectory
    var directory: String { temporary.path }
    var socketPath: String { directory + "/t.sock" }

    init() throws { temporary = try TemporaryDirectory("tokenclient") }

    /// A client for the socket of this place, with time enough for a machine that has other things to do.
    func client(
        credential: Credential = .anonymous, callTimeout: Duration = .seconds(30),
        connectTimeout: Duration = .seconds(20), _ change: (inout ChannelSettings) -> Void = { _ in }
    ) throws -> TokenClient {
        let configuration = TokenClient.Configuration(
            socketPath: socketPath, credential: credential, callTimeout: callTimeout, connectTimeout: connectTimeout)
        var settings = try ChannelSettings(configuration)
        change(&settings)
        return try TokenClient(configuration, settings: settings)
    }
}
