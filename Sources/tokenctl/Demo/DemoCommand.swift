import Dispatch
import Glibc

/// `tokenctl demo`: the whole life of a token on a private daemon, in a second.
enum DemoCommand {
    static let commands = [demo]

    private static let demo = Command(
        path: ["demo"], caller: .none,
        summary: "Show tokend at work: a private daemon, a token's whole life, and what each call took",
        details: "It needs no installation and no rights, touches nothing but a directory in /tmp, and removes that."
    ) { invocation in
        let daemon = try DemoDaemon()
        let interruptions = endWhenInterrupted(daemon)
        defer {
            for interruption in interruptions { interruption.cancel() }
            daemon.end()
        }
        var story = DemoStory(isJSON: invocation.wantsJSON)
        try story.run(on: daemon)
        story.finish()
        return story.isAsExpected ? .success : .software
    }

    /// Ctrl-C, a plain kill, and a reader that leaves before the end, leave nothing behind either.
    private static func endWhenInterrupted(_ daemon: DemoDaemon) -> [any DispatchSourceSignal] {
        signal(SIGPIPE, SIG_IGN)
        return [SIGINT, SIGTERM, SIGHUP].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler {
                daemon.end()
                exit(128 + number)
            }
            source.resume()
            return source
        }
    }
}
