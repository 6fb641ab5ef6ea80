/// A token with its secret: the answer of CreateToken, RollToken, Bootstrap and their like, which are one message on
/// the wire.
package struct SecretTokenResponse: WireMessage, Equatable, Sendable {
    package var token: Token?
    /// The text of the token. It is shown once and never logged.
    package var secret: String

    package init(token: Token? = nil, secret: String = "") {
        self.token = token
        self.secret = secret
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.message(1, token)
        sink.text(2, secret)
    }
}

extension SecretTokenResponse {
    /// The same with a secret that is only lent, so that no copy of it is made but into the answer.
    package struct Parts: WireMessage, ~Escapable {
        private let token: Token
        private let secret: Span<UInt8>

        /// The secret's bytes must be UTF-8.
        @_lifetime(copy secret)
        package init(token: Token, secret: Span<UInt8>) {
            self.token = token
            self.secret = secret
        }

        package func write<Sink: FieldSink>(to sink: inout Sink) {
            sink.message(1, token)
            sink.bytes(2, secret)
        }
    }

    /// A received `SecretTokenResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var token: Token.View
        package private(set) var secret: UTF8Span

        @_lifetime(immortal)
        package init() {
            token = Token.View()
            secret = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try token.merge(body.embedded(field, from: &reader))
                case (2, .lengthDelimited): secret = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        token = view.token.isPresent ? Token(copying: view.token) : nil
        secret = String(copying: view.secret)
    }
}

/// A token: the answer of GetToken, RevokeToken and RevokeServiceAccountToken, which are one message on the wire.
package struct TokenResponse: WireMessage, Equatable, Sendable {
    package var token: Token?

    package init(token: Token? = nil) {
        self.token = token
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.message(1, token)
    }
}

extension TokenResponse {
    /// A received `TokenResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var token: Token.View

        @_lifetime(immortal)
        package init() {
            token = Token.View()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try token.merge(body.embedded(field, from: &reader))
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        token = view.token.isPresent ? Token(copying: view.token) : nil
    }
}

package typealias CreateTokenResponse = SecretTokenResponse
package typealias RollTokenResponse = SecretTokenResponse
package typealias BootstrapResponse = SecretTokenResponse
package typealias IssueServiceAccountTokenResponse = SecretTokenResponse
package typealias RollServiceAccountTokenResponse = SecretTokenResponse
package typealias GetTokenResponse = TokenResponse
package typealias RevokeTokenResponse = TokenResponse
package typealias RevokeServiceAccountTokenResponse = TokenResponse
