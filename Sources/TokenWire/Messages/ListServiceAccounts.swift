/// Asks for a page of service accounts, newest first. Every filter left at its default matches all.
package struct ListServiceAccountsRequest: WireMessage, Equatable, Sendable {
    package var pageSize: Int32
    package var pageToken: String
    package var namePrefix: String
    package var scope: String
    /// Only disabled ones, or only those that are not.
    package var disabled: Bool?

    package init(
        pageSize: Int32 = 0, pageToken: String = "", namePrefix: String = "", scope: String = "", disabled: Bool? = nil
    ) {
        self.pageSize = pageSize
        self.pageToken = pageToken
        self.namePrefix = namePrefix
        self.scope = scope
        self.disabled = disabled
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.int32(1, pageSize)
        sink.text(2, pageToken)
        sink.text(3, namePrefix)
        sink.text(4, scope)
        sink.optionalBool(5, disabled)
    }
}

extension ListServiceAccountsRequest {
    /// A received `ListServiceAccountsRequest`.
    package struct View: WireView, ~Escapable {
        package private(set) var pageSize: Int32 = 0
        package private(set) var pageToken: UTF8Span
        package private(set) var namePrefix: UTF8Span
        package private(set) var scope: UTF8Span
        package private(set) var disabled: Bool?

        @_lifetime(immortal)
        package init() {
            pageToken = .empty
            namePrefix = .empty
            scope = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .varint): pageSize = try reader.int32()
                case (2, .lengthDelimited): pageToken = try reader.text()
                case (3, .lengthDelimited): namePrefix = try reader.text()
                case (4, .lengthDelimited): scope = try reader.text()
                case (5, .varint): disabled = try reader.bool()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        pageSize = view.pageSize
        pageToken = String(copying: view.pageToken)
        namePrefix = String(copying: view.namePrefix)
        scope = String(copying: view.scope)
        disabled = view.disabled
    }
}

/// A page of service accounts.
package struct ListServiceAccountsResponse: WireMessage, Equatable, Sendable {
    package var serviceAccounts: [ServiceAccount]
    /// Empty on the last page.
    package var nextPageToken: String
    package var totalSize: Int32

    package init(serviceAccounts: [ServiceAccount] = [], nextPageToken: String = "", totalSize: Int32 = 0) {
        self.serviceAccounts = serviceAccounts
        self.nextPageToken = nextPageToken
        self.totalSize = totalSize
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.messages(1, serviceAccounts)
        sink.text(2, nextPageToken)
        sink.int32(3, totalSize)
    }
}

extension ListServiceAccountsResponse {
    /// A received `ListServiceAccountsResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var serviceAccounts: MessageList<ServiceAccount.View>
        package private(set) var nextPageToken: UTF8Span
        package private(set) var totalSize: Int32 = 0

        @_lifetime(immortal)
        package init() {
            serviceAccounts = MessageList()
            nextPageToken = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try serviceAccounts.read(field, in: body, from: &reader)
                case (2, .lengthDelimited): nextPageToken = try reader.text()
                case (3, .varint): totalSize = try reader.int32()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        serviceAccounts = view.serviceAccounts.map { ServiceAccount(copying: $0) }
        nextPageToken = String(copying: view.nextPageToken)
        totalSize = view.totalSize
    }
}
