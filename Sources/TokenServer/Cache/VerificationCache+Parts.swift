import TokenWire

extension VerificationCache.Parts {
    /// Where they lie in an encoded VerifyResponse; none for bytes that are no such message.
    init?(of payload: Span<UInt8>) {
        var reader = WireReader(payload)
        var scopes: Range<Int>?
        var workspaceID = 0..<0
        do throws(WireError) {
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (4, .lengthDelimited):
                    let count = try reader.lengthDelimited().count
                    workspaceID = reader.byteOffset - count..<reader.byteOffset
                case (7, .lengthDelimited):
                    _ = try reader.lengthDelimited()
                    scopes = (scopes?.lowerBound ?? field.byteOffset)..<reader.byteOffset
                default:
                    try reader.skip(field)
                }
            }
        } catch {
            return nil
        }
        self.init(scopes: scopes ?? 0..<0, workspaceID: workspaceID)
    }
}

extension VerificationCache.Entry {
    /// Whether the scope is among those of the answer. Each lies there as a tag, a length and its bytes; a scope is no longer
    /// than 100 bytes, so that the length is one byte.
    func holds(_ scope: Span<UInt8>) -> Bool {
        let scopes = Span<UInt8>(_unsafeBytes: scopes)
        var position = 0
        while position + 2 <= scopes.count {
            let end = position + 2 + Int(scopes[position + 1])
            if end > scopes.count { return false }
            if scope.equals(scopes.extracting(position + 2..<end)) { return true }
            position = end
        }
        return false
    }

    func isIn(workspace: Span<UInt8>) -> Bool {
        workspace.equals(Span<UInt8>(_unsafeBytes: workspaceID))
    }
}
