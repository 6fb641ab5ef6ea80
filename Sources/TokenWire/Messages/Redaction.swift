/// A message that holds a secret, or may: printing it, in a log or by a failed test, shows its type and nothing else.
package protocol Redacted: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {}

extension Redacted {
    package var description: String { "\(Self.self)(…)" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

extension VerifyRequest: Redacted {}
extension VerifyBatchRequest: Redacted {}
extension RevokeSelfRequest: Redacted {}
extension SecretTokenResponse: Redacted {}
// Who has the digest of a guessable text has the text.
extension ImportedToken: Redacted {}
extension RequestEnvelope: Redacted {}
extension ResponseEnvelope: Redacted {}
// Metadata of a request carries the caller's token under the key "authorization".
extension KeyValue: Redacted {}
