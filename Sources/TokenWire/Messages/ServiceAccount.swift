/// A workspace's machine principal. See service_account.proto for what each field means.
package struct ServiceAccount: WireMessage, Equatable, Sendable {
    package var id: String
    package var name: String
    package var workspaceID: String
    /// Those the next token will be issued with.
    package var scopes: [String]
    package var disabled: Bool
    package var createdAt: Timestamp?
    package var createdBy: String
    package var updatedAt: Timestamp?

    package init(
        id: String = "", name: String = "", workspaceID: String = "", scopes: [String] = [], disabled: Bool = false,
        createdAt: Timestamp? = nil, createdBy: String = "", updatedAt: Timestamp? = nil
    ) {
        self.id = id
        self.name = name
        self.workspaceID = workspaceID
        self.scopes = scopes
        self.disabled = disabled
        self.createdAt = createdAt
        self.createdBy = createdBy
        self.updatedAt = updatedAt
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, id)
        sink.text(2, name)
        sink.text(3, workspaceID)
        sink.texts(4, scopes)
        sink.bool(5, disabled)
        sink.message(6, createdAt)
        sink.text(7, createdBy)
        sink.message(8, updatedAt)
    }
}

extension ServiceAccount {
    /// A received `ServiceAccount`.
    package struct View: WireView, ~Escapable {
        /// Whether the field that holds this message came at all.
        package private(set) var isPresent = false
        package private(set) var id: UTF8Span
        package private(set) var name: UTF8Span
        package private(set) var workspaceID: UTF8Span
        package private(set) var scopes: TextList
        package private(set) var disabled = false
        package private(set) var createdAt: Timestamp?
        package private(set) var createdBy: UTF8Span
        package private(set) var updatedAt: Timestamp?

        @_lifetime(immortal)
        package init() {
            id = .empty
            name = .empty
            workspaceID = .empty
            scopes = TextList()
            createdBy = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            isPresent = true
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): id = try reader.text()
                case (2, .lengthDelimited): name = try reader.text()
                case (3, .lengthDelimited): workspaceID = try reader.text()
                case (4, .lengthDelimited): try scopes.read(field, in: body, from: &reader)
                case (5, .varint): disabled = try reader.bool()
                case (6, .lengthDelimited): createdAt = try reader.timestamp(field, in: body, after: createdAt)
                case (7, .lengthDelimited): createdBy = try reader.text()
                case (8, .lengthDelimited): updatedAt = try reader.timestamp(field, in: body, after: updatedAt)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        id = String(copying: view.id)
        name = String(copying: view.name)
        workspaceID = String(copying: view.workspaceID)
        scopes = view.scopes.strings
        disabled = view.disabled
        createdAt = view.createdAt
        createdBy = String(copying: view.createdBy)
        updatedAt = view.updatedAt
    }
}

/// A service account: the answer of CreateServiceAccount, GetServiceAccount and UpdateServiceAccount, which are one
/// message on the wire.
package struct ServiceAccountResponse: WireMessage, Equatable, Sendable {
    package var serviceAccount: ServiceAccount?

    package init(serviceAccount: ServiceAccount? = nil) {
        self.serviceAccount = serviceAccount
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.message(1, serviceAccount)
    }
}

extension ServiceAccountResponse {
    /// A received `ServiceAccountResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var serviceAccount: ServiceAccount.View

        @_lifetime(immortal)
        package init() {
            serviceAccount = ServiceAccount.View()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try serviceAccount.merge(body.embedded(field, from: &reader))
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        serviceAccount = view.serviceAccount.isPresent ? ServiceAccount(copying: view.serviceAccount) : nil
    }
}

package typealias CreateServiceAccountResponse = ServiceAccountResponse
package typealias GetServiceAccountResponse = ServiceAccountResponse
package typealias UpdateServiceAccountResponse = ServiceAccountResponse
