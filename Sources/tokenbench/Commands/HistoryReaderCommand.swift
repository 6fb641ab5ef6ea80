import Foundation
import TokenClient

/// `tokenbench history-reader`: what `tokenbench history` starts for each of its processes of readers.
enum HistoryReaderCommand {
    static let command = Command(
        name: "history-reader", summary: "Verify what a history's board shows",
        details: "Started by tokenbench history. Tells what it sees to standard output, in binary.",
        options: [
            .init(name: "--socket", value: "PATH", help: "the daemon's"),
            .init(name: "--board", value: "FILE", help: "the board"),
            .init(name: "--places", value: "N", help: "how many it has"),
            .init(name: "--first", value: "N", help: "number of the first reader"),
            .init(name: "--ways", value: "LIST", help: "how each reader verifies"),
        ], isInternal: true
    ) { invocation in
        guard let path = invocation.value("--board"),
            let placeCount = try invocation.number("--places", in: 1...Board.placeCountMax),
            let first = try invocation.number("--first", in: 0...1_000_000),
            let ways = try invocation.names("--ways")
        else { throw invocation.problem("--board, --places, --first and --ways are needed") }
        // Ctrl-C goes to all processes of the terminal; the board says when to end.
        signal(SIGINT, SIG_IGN)
        let board = try Board(path: path, placeCount: placeCount, isNew: false)
        let client = try TokenClient(Target(socketPath: invocation.value("--socket")).service)
        let verifier = try TokenVerifier(client: client, entryCountMax: 4_096)
        let group = DispatchGroup()
        for (offset, name) in ways.enumerated() {
            guard let way = HistoryReader.Way(rawValue: name) else { throw invocation.problem("no way is \(name)") }
            let thread = Thread {
                defer { group.leave() }
                do {
                    var reader = try HistoryReader(number: first + offset, way: way, board: board, verifier: verifier)
                    reader.run()
                } catch {
                    Terminal.remark("tokenbench history-reader: \(error)")
                }
            }
            group.enter()
            thread.start()
        }
        group.wait()
        return .success
    }
}
