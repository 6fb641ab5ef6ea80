import TokenClient

/// `tokenctl backup FILE`: a copy of the store, while the daemon serves.
enum BackupCommand {
    static let commands = [backup]

    private static let backup = Command(
        path: ["backup"], caller: .operator, summary: "Copy the whole store into a new file, while the daemon serves",
        details: """
            The copy is of one moment, whole and checked when the file has its name, and readable by its owner alone: \
            it holds no secret, but every name and the audit. Keep it on another host, and what this prints elsewhere \
            again: the number and the hash of the newest event show later that it is the copy. \
            tokend restore FILE makes a store of it. The daemon makes the copy on the store's own disk first, which needs \
            as much room again.
            """,
        operands: [.init(name: "FILE", help: "where to write it; never a file that exists", completion: .file)],
        examples: ["tokenctl backup /var/backups/tokend-$(date +%F).db"]
    ) { invocation in
        let path = try invocation.newFile(invocation.operand(0))
        let copy = try invocation.operatorClient().backup(timeout: try invocation.duration("--timeout"))
        var file = try BackupFile(creating: path)
        let (byteCount, summary) = try receive(copy, into: file, Progress(of: invocation))
        try file.keep()
        let head = summary.head
        invocation.report(
            .object([
                ("file", .string(path)), ("bytes", .count(byteCount)), ("sha256", .hexadecimal(summary.digest)),
                ("head_seq", .count(head.sequence)), ("head_hash", .hexadecimal(head.hash)),
            ]), key: head.text,
            TextTable.pairs([
                ("file", path), ("bytes", String(byteCount)), ("sha256", Hexadecimal.text(summary.digest)),
                ("newest event", head.text),
            ]))
        return .success
    }

    private static func receive(
        _ copy: BackupStream, into file: borrowing BackupFile, _ progress: Progress
    ) throws -> (UInt64, BackupSummary) {
        defer { progress.clear() }
        progress.show("the daemon copies the store")
        var pieces = copy.makeIterator()
        var last: BackupPiece?
        while let piece = try pieces.next() {
            try file.append(piece.bytes)
            progress.show("\(piece.receivedByteCount >> 20) of \(piece.totalByteCount >> 20) MiB")
            last = piece
        }
        guard let last, let summary = last.summary else {
            throw Problem(message: "the daemon sent no copy", exitCode: .software)
        }
        return (last.totalByteCount, summary)
    }
}
