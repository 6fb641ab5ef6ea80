internal import TokenWire

/// What a page can hold.
protocol PageElement: Sendable {
    static func page(decoding payload: Span<UInt8>) throws(WireError) -> Page<Self>
}

extension Page: Answer where Element: PageElement {
    init?(decoding payload: Span<UInt8>) throws(WireError) {
        self = try Element.page(decoding: payload)
    }
}

extension Token: PageElement {
    static func page(decoding payload: Span<UInt8>) throws(WireError) -> Page<Token> {
        let view = try ListTokensResponse.View(payload)
        return Page(
            elements: view.tokens.map { Token($0) }, nextPageToken: String(nonEmpty: view.nextPageToken),
            totalSize: Int(view.totalSize))
    }
}

extension AuditEvent: PageElement {
    static func page(decoding payload: Span<UInt8>) throws(WireError) -> Page<AuditEvent> {
        let view = try ListEventsResponse.View(payload)
        return Page(
            elements: view.events.map { AuditEvent($0) }, nextPageToken: String(nonEmpty: view.nextPageToken),
            totalSize: Int(view.totalSize))
    }
}

extension TokenFilter {
    func request(pageSize: Int32, pageToken: String?) -> ListTokensRequest {
        ListTokensRequest(
            pageSize: pageSize, pageToken: pageToken ?? "", ownerID: ownerID ?? "",
            state: state?.wire ?? .unspecified, kind: kind?.wire ?? .unspecified, scope: scope ?? "",
            expiresBefore: expiresBefore?.wire, unusedSince: unusedSince?.wire, namePrefix: namePrefix ?? "")
    }
}

extension EventFilter {
    func request(pageSize: Int32, pageToken: String?) -> ListEventsRequest {
        ListEventsRequest(
            pageSize: pageSize, pageToken: pageToken ?? "", actor: actor ?? "", action: action ?? "",
            target: target ?? "", startTime: from?.wire, endTime: until?.wire)
    }
}

extension String {
    /// A received text, nil when it is empty: proto3 doesn't tell an empty text from none.
    init?(nonEmpty text: UTF8Span) {
        if text.isEmpty { return nil }
        self.init(copying: text)
    }
}
