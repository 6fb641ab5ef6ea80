internal import TokenWire

/// All elements of a list, fetched a page at a time, newest first.
///
/// While others write no element is skipped and none comes twice. Each iterator walks the list from the start. In tasks:
///
///     for try await token in client.allTokens() { … }
///
/// and on a thread that may block:
///
///     var tokens = client.allTokens().makeIterator()
///     while let token = try tokens.next() { … }
public struct PagedSequence<Element: Sendable>: AsyncSequence, Sendable {
    /// What the iterators throw.
    public typealias Failure = TokenError

    /// A page by its token, nil for the first; the first closure blocks, the second suspends.
    typealias Source = (
        blocking: @Sendable (String?) throws(TokenError) -> Page<Element>,
        suspending: @Sendable (String?) async throws(TokenError) -> Page<Element>
    )

    private let source: Source

    init<Request>(
        client: TokenClient, credential: Credential?, timeout: Duration?,
        _ exchange: @escaping @Sendable (String?) throws(TokenError) -> Exchange<Request, Page<Element>>
    ) where Element: PageElement {
        source = (
            blocking: { (pageToken) throws(TokenError) in
                try client.perform(try exchange(pageToken), as: credential, timeout: timeout)
            },
            suspending: { (pageToken) async throws(TokenError) in
                try await client.perform(try exchange(pageToken), as: credential, timeout: timeout)
            }
        )
    }

    /// A walk that suspends.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(source: source) }

    /// A walk that blocks its thread.
    public func makeIterator() -> Iterator { Iterator(source: source) }

    /// A walk over the list for one thread.
    public struct Iterator {
        fileprivate let source: Source
        fileprivate var walk = Walk()

        /// The next element, nil at the end. Blocks the thread when a page has to be fetched.
        ///
        /// - Throws: As the call that fetches one page. After an error the same page can be asked for again.
        public mutating func next() throws(TokenError) -> Element? {
            while true {
                if let element = walk.next() { return element }
                guard let pageToken = walk.wanted else { return nil }
                try walk.take(try source.blocking(pageToken.value), asked: pageToken)
            }
        }
    }

    /// A walk over the list for one task.
    public struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let source: Source
        fileprivate var walk = Walk()

        /// The next element, nil at the end. Suspends when a page has to be fetched.
        ///
        /// - Throws: As the call that fetches one page. After an error the same page can be asked for again.
        public mutating func next() async throws(TokenError) -> Element? {
            while true {
                if let element = walk.next() { return element }
                guard let pageToken = walk.wanted else { return nil }
                try walk.take(try await source.suspending(pageToken.value), asked: pageToken)
            }
        }
    }
}

extension PagedSequence {
    /// Which page to ask for: the first when the token is nil.
    fileprivate struct PageToken {
        let value: String?
    }

    /// How far a walk has come.
    fileprivate struct Walk {
        private var elements: [Element] = []
        private var position = 0
        /// The page to fetch when the elements are used up; nil after the last page.
        private(set) var wanted: PageToken? = PageToken(value: nil)

        mutating func next() -> Element? {
            guard position < elements.count else { return nil }
            defer { position += 1 }
            return elements[position]
        }

        mutating func take(_ page: Page<Element>, asked: PageToken) throws(TokenError) {
            if let next = page.nextPageToken, next == asked.value {
                throw .protocolViolation("a page names itself as the next one")
            }
            elements = page.elements
            position = 0
            wanted = page.nextPageToken.map { PageToken(value: $0) }
        }
    }
}
