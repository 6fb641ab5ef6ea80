import Glibc
import Synchronization
import TokenClient

/// Reads the metrics again and again, on a thread of its own: while the daemon does not answer, the view still listens to
/// the keyboard. The process ends with the view, and the thread with the process.
final class MetricsFeed: Sendable {
    enum News: Sendable {
        case reading(MetricsReading)
        case failure(TokenError)
    }

    private let client: TokenClient
    private let intervalSeconds: UInt32
    private let news = Mutex<News?>(nil)

    init(_ client: TokenClient, interval: Duration) {
        self.client = client
        intervalSeconds = UInt32(clamping: interval.components.seconds)
    }

    /// - Returns: False when there can be no thread.
    func start() -> Bool {
        var thread = pthread_t()
        let feed = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { argument in
                if let argument { Unmanaged<MetricsFeed>.fromOpaque(argument).takeRetainedValue().run() }
                return nil
            }, feed.toOpaque())
        if code != 0 { feed.release() }
        return code == 0
    }

    /// What has come since the last time.
    func take() -> News? {
        news.withLock { news in
            let taken = news
            news = nil
            return taken
        }
    }

    private func run() {
        while true {
            sleep(intervalSeconds)
            let next: News
            do throws(TokenError) {
                next = .reading(MetricsReading(try client.metrics()))
            } catch {
                next = .failure(error)
            }
            news.withLock { $0 = next }
        }
    }
}
