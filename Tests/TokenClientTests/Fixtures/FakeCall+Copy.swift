import TokenCore
import TokenWire

extension FakeCall {
    /// Answers a Backup with a copy of these pieces, and does something else behind the first.
    func sendCopy(_ pieces: [String], digest: [UInt8]? = nil, afterFirst: () -> Void = {}) {
        let all = Array(pieces.joined().utf8)
        for (index, piece) in pieces.enumerated() {
            var message = BackupResponse(chunk: Array(piece.utf8), totalByteCount: UInt64(all.count))
            if index == pieces.count - 1 { message.digest = digest ?? Digest(hashing: all.span).bytes }
            connection.send { try $0.appendData(stream: stream, payload: message) }
            if index == 0 { afterFirst() }
        }
        connection.send { $0.appendDataEnd(stream: stream) }
    }
}
