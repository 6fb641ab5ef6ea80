import Glibc
import TokenClient

/// The live view: draws each reading, and listens to the keyboard and to signals.
struct TopView {
    private static let waitMilliseconds: Int32 = 50

    private let screen = Screen()
    private let feed: MetricsFeed
    private var newest: MetricsReading
    private var report: LoadReport
    private var names = UserNames()
    /// What the daemon did last instead of answering.
    private var failure: String?

    init(client: TokenClient, interval: Duration, first: MetricsReading) {
        feed = MetricsFeed(client, interval: interval)
        newest = first
        report = LoadReport(from: nil, to: first)
    }

    /// Until somebody types q, or a signal says so.
    mutating func run() throws(Problem) {
        // Before the thread of the feed, which inherits what is blocked.
        let signals = PendingSignals()
        if !feed.start() { throw Problem(message: "no thread could be started", exitCode: .software) }
        screen.enter()
        draw()
        while true {
            if let news = feed.take() {
                take(news)
                draw()
            }
            switch signals.next() {
            case nil: break
            case SIGWINCH: draw()
            case SIGINT: return screen.leave()
            case let number?:
                // The shell, which has the terminal back, is told by which signal it ended; one that was only stopped goes on.
                screen.leave()
                signals.obey(number)
                screen.enter()
                draw()
            }
            switch screen.key(waitingAtMostMilliseconds: Self.waitMilliseconds) {
            case .some(UInt8(ascii: "q")), .some(UInt8(ascii: "Q")): return screen.leave()
            case .some(Screen.redrawKey): draw()
            case .some(Screen.endOfInput): return screen.leave()
            default: break
            }
        }
    }

    private mutating func take(_ news: MetricsFeed.News) {
        switch news {
        case .reading(let reading):
            report = LoadReport(from: newest, to: reading)
            newest = reading
            failure = nil
        case .failure(let error):
            failure = ErrorText.inWordsOfTheCommandLine(error.message)
        }
    }

    private mutating func draw() {
        let size = screen.size
        var lines = report.lines(rowCountMax: size.rows - LoadReport.otherLineCount, names: &names)
        lines[0] = Terminal.styled(String(lines[0].prefix(size.columns)), .strong)
        if let failure { lines[1] = Terminal.styled(String("still trying: \(failure)".prefix(size.columns)), .bad) }
        screen.show(lines, size)
    }
}
