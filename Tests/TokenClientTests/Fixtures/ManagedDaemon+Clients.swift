@testable import TokenClient

extension ManagedDaemon {
    /// On the operator's socket.
    func host(_ credential: Credential = .anonymous) throws -> TokenClient { try client(operatorPath, credential) }

    /// On the services' socket.
    func service(_ credential: Credential) throws -> TokenClient { try client(servicePath, credential) }

    private func client(_ path: String, _ credential: Credential) throws -> TokenClient {
        try TokenClient(
            .init(
                socketPath: path, credential: credential, callTimeout: .seconds(30), connectTimeout: .seconds(20)))
    }
}
