/// A piece of a copy of the store.
package struct BackupResponse: WireMessage, Equatable, Sendable {
    package var chunk: [UInt8]
    /// Of the whole copy.
    package var totalByteCount: UInt64
    /// On the last piece: the SHA-256 of the whole copy, and the newest event in it.
    package var digest: [UInt8]
    package var headSeq: UInt64
    package var headHash: [UInt8]

    package init(
        chunk: [UInt8] = [], totalByteCount: UInt64 = 0, digest: [UInt8] = [], headSeq: UInt64 = 0,
        headHash: [UInt8] = []
    ) {
        self.chunk = chunk
        self.totalByteCount = totalByteCount
        self.digest = digest
        self.headSeq = headSeq
        self.headHash = headHash
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.bytes(1, chunk.span)
        sink.uint64(2, totalByteCount)
        sink.bytes(3, digest.span)
        sink.uint64(4, headSeq)
        sink.bytes(5, headHash.span)
    }
}

extension BackupResponse {
    /// A received `BackupResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var chunk: Span<UInt8>
        package private(set) var totalByteCount: UInt64 = 0
        package private(set) var digest: Span<UInt8>
        package private(set) var headSeq: UInt64 = 0
        package private(set) var headHash: Span<UInt8>

        @_lifetime(immortal)
        package init() {
            chunk = Span()
            digest = Span()
            headHash = Span()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): chunk = try reader.lengthDelimited()
                case (2, .varint): totalByteCount = try reader.varint()
                case (3, .lengthDelimited): digest = try reader.lengthDelimited()
                case (4, .varint): headSeq = try reader.varint()
                case (5, .lengthDelimited): headHash = try reader.lengthDelimited()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        chunk = [UInt8](copying: view.chunk)
        totalByteCount = view.totalByteCount
        digest = [UInt8](copying: view.digest)
        headSeq = view.headSeq
        headHash = [UInt8](copying: view.headHash)
    }
}
