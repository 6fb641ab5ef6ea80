import TokenWire

// Messages that have the name of a public type of the client. A file that imports both says these.
typealias VerifyAnswer = TokenWire.VerifyResponse
typealias WireToken = TokenWire.Token
typealias WireEvent = TokenWire.AuditEvent
typealias WireTimestamp = TokenWire.Timestamp
typealias WireScopeGroup = TokenWire.ScopeGroup
