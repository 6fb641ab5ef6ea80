import Dispatch
import Glibc
import TokenClient

/// `tokenctl demo`: the whole life of a token on a private daemon, in a second.
enum DemoCommand {
    static let commands = [demo]

    private static let demo = Command(
        path: ["demo"], caller: .none,
        summary: "Show tokend at work: a private daemon, a token's whole life, and what each call took",
        details: "It needs no installation and no rights, touches nothing but a directory in /tmp, and removes that."
    ) { invocation in
        let daemon = try PrivateDaemon()
        let interruptions = endWhenInterrupted(daemon)
        defer {
            for interruption in interruptions { interruption.cancel() }
            daemon.end()
        }
        var story = DemoStory(isJSON: invocation.wantsJSON)
        do {
            try story.run(on: daemon)
        } catch let problem as PrivateDaemon.Problem {
            Terminal.remark("tokenctl: \(problem)")
            return .software
        }
        story.finish()
        return story.isAsExpected ? .success : .software
    }

    /// Ctrl-C and a plain kill leave nothing behind either.
    private static func endWhenInterrupted(_ daemon: PrivateDaemon) -> [any DispatchSourceSignal] {
        [SIGINT, SIGTERM, SIGHUP].map { number in
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
