/// Why an operation was not carried out. What it says is for the caller: what happened and what to do, never a secret.
package struct Refusal: Error, Sendable {
    /// The documented codes of PROTOCOL.md, and the deadline.
    package enum Reason: Sendable {
        case validationError
        case unauthorized
        case forbidden
        case notFound
        case conflict
        case lastAdmin
        case retentionBelowMinimum
        case rateLimited
        case storeUnavailable
        case internalError
        /// The caller's deadline passed before the work began; nothing was done.
        case deadlineExceeded
    }

    /// A field of the request and what is wrong with it.
    package struct Field: Sendable, Equatable {
        package let name: String
        package let problem: String

        package init(name: String, problem: String) {
            self.name = name
            self.problem = problem
        }
    }

    package let reason: Reason
    package let message: String
    package let fields: [Field]
    /// What a program may want beside the reason: the missing scope, the token in the way.
    package let metadata: [String: String]

    package init(_ reason: Reason, _ message: String, fields: [Field] = [], metadata: [String: String] = [:]) {
        self.reason = reason
        self.message = message
        self.fields = fields
        self.metadata = metadata
    }

    package static func invalid(_ field: String, _ problem: String) -> Refusal {
        Refusal(
            .validationError, "\(field): \(problem)", fields: [Field(name: field, problem: problem)])
    }

    /// The same, said of a field of the request.
    func naming(_ field: String) -> Refusal {
        Refusal(reason, message, fields: [Field(name: field, problem: message)], metadata: metadata)
    }

    /// The same words for what does not exist and for what the caller may not see.
    package static func notFound(_ what: String) -> Refusal {
        Refusal(.notFound, "no such \(what)")
    }

    package static let unauthorized = Refusal(
        .unauthorized, "the bearer token of this call is not valid; present a live one")

    package static let storeUnavailable = Refusal(
        .storeUnavailable, "the store can't take changes now; nothing was changed, try again")

    /// Not for long, it is hoped: see `DiskReserve`.
    package static let diskFull = Refusal(
        .storeUnavailable,
        "the store's disk is full and nothing was changed; until there is room, only revoking and its like are done")

    /// Not even with the room that was kept for the day.
    package static let reserveSpent = Refusal(
        .storeUnavailable,
        "the store's disk is full and nothing was changed; not even revoking is possible until there is room")

    /// The disk failed while the change was being committed: after a restart it holds, or it does not.
    package static let outcomeUnknown = Refusal(
        .storeUnavailable,
        "the store failed in the middle of the change; once it is back, see whether the change was made",
        metadata: ["outcome": "unknown"])
}
