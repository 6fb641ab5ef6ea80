import Glibc
import Testing

@testable import TokenClient

/// A directory that only this user can write to, removed with all that is in it.
final class Place: Sendable {
    let directory: String
    var socketPath: String { directory + "/t.sock" }

    init() throws {
        var template = Array("/tmp/tokenclient-XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer { buffer -> String? in
            guard let start = buffer.baseAddress, let name = mkdtemp(start) else { return nil }
            return String(cString: name)
        }
        directory = try #require(made)
    }

    deinit {
        unlink(socketPath)
        rmdir(directory)
    }

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
