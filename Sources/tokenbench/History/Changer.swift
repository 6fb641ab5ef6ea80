import Synchronization
import TokenClient

/// Changes the secrets of some of the board's places, one after the other, on a thread of its own: each place is a member
/// with one token, who is suspended and returns, is demoted and promoted, whose token is rolled or revoked, who is removed
/// and joins again. What has ended stays on the board for a while.
final class Changer {
    /// What all changers share.
    struct World: Sendable {
        let board: Board
        let book: HistoryBook
        let host: TokenClient.Configuration
        let admin: Owner
        let pauseNanoseconds: Int64
        let tally: ChangeTally
        let stop: StopSignal
    }

    /// A member with one token, as the changer left them.
    struct Place {
        let number: Int
        var serial: Int?
        var state = SecretState.ended
        var tokenID = ""
        /// Of the token after a roll: to be published in place of the one that ended by it.
        var nextSecret: String?

        var userID: String { "user-\(number)" }
    }

    /// Grants `HistoryReader.heldScope`, and the other does not.
    private static let role = "analyst"
    private static let lowerRole = "viewer"

    private let world: World
    private let client: TokenClient
    private var places: [Place]
    private var random: SplitMix64

    init(_ places: [Int], _ world: World) throws(TokenError) {
        self.world = world
        client = try TokenClient(world.host)
        self.places = places.map { Place(number: $0) }
        random = SplitMix64(state: UInt64(places.first ?? 0) &+ UInt64(bitPattern: Clock.nowNanoseconds))
    }

    /// Changes until it is told to stop, or a call is refused that should not be.
    func run() throws(TokenError) {
        for index in places.indices { try replace(&places[index]) }
        while !world.stop.hasCome {
            let index = Int(random.next() % UInt64(places.count))
            try change(&places[index])
            if world.pauseNanoseconds > 0 {
                Clock.sleep(nanoseconds: Int64.random(in: 0...2 * world.pauseNanoseconds, using: &random))
            }
        }
    }

    private func change(_ place: inout Place) throws(TokenError) {
        let dice = random.next() % 100
        switch (place.state, dice) {
        case (.ended, _): try replace(&place)
        case (.active, ..<25): try roll(&place)
        case (.active, ..<45): try suspend(&place)
        case (.active, ..<65): try put(&place, .demoted, "demoted", role: Self.lowerRole)
        case (.suspended, ..<60): try put(&place, .active, "returned", status: .active)
        case (.demoted, ..<60): try put(&place, .active, "promoted", role: Self.role)
        case (_, ..<85): try revoke(&place)
        default: try remove(&place)
        }
    }
}

// MARK: - The changes

extension Changer {
    private func suspend(_ place: inout Place) throws(TokenError) {
        try put(&place, .suspended, "suspended", status: .suspended)
    }

    private func put(
        _ place: inout Place, _ state: SecretState, _ kind: String, role: String? = nil, status: MemberStatus? = nil
    ) throws(TokenError) {
        let userID = place.userID
        try make(&place, state, kind) { () throws(TokenError) in
            _ = try self.client.putMember(userID: userID, role: role, status: status, as: self.world.admin.credential)
        }
    }

    private func revoke(_ place: inout Place) throws(TokenError) {
        let id = place.tokenID
        try make(&place, .ended, "revoked") { () throws(TokenError) in
            _ = try self.client.revokeToken(id: id, as: self.world.admin.credential)
        }
    }

    private func roll(_ place: inout Place) throws(TokenError) {
        let (id, owner) = (place.tokenID, owner(of: place))
        // The same for each attempt: one whose answer was lost is answered again, with another secret.
        let request = RequestID()
        var rolled: IssuedToken?
        try make(&place, .ended, "rolled") { () throws(TokenError) in
            rolled = try self.client.rollToken(id: id, requestID: request, as: owner)
        }
        place.nextSecret = rolled?.secret.reveal()
    }

    private func remove(_ place: inout Place) throws(TokenError) {
        let userID = place.userID
        try make(&place, .ended, "removed") { () throws(TokenError) in
            do throws(TokenError) {
                _ = try self.client.removeMember(userID: userID, as: self.world.admin.credential)
            } catch {
                // An attempt whose answer was lost has done it.
                if error.code != .notFound { throw error }
            }
        }
    }

    /// Makes a change of the place's secret, and writes down when.
    private func make(
        _ place: inout Place, _ state: SecretState, _ kind: String, _ call: () throws(TokenError) -> Void
    ) throws(TokenError) {
        guard let serial = place.serial else { return }
        world.board.noteChange(place.number)
        let begun = Clock.nowNanoseconds
        let isAnswered = try untilAnswered(call)
        let returned = Clock.nowNanoseconds
        world.board.noteChange(place.number)
        world.book.add(.init(to: state, begun: begun, returned: isAnswered ? returned : nil), to: serial)
        place.state = state
        if isAnswered { world.tally.count(kind) }
    }

    /// Puts a new secret on the board: that of a rolled token, or of a new one.
    private func replace(_ place: inout Place) throws(TokenError) {
        var secret = place.nextSecret
        place.nextSecret = nil
        if secret == nil { secret = try create(&place) }
        // None when it was told to stop.
        guard let secret else { return }
        let serial = world.book.begin()
        world.board.publish(place.number, serial: serial, text: secret)
        if let former = place.serial { world.book.retire(former) }
        place.serial = serial
        place.state = .active
    }

    private func create(_ place: inout Place) throws(TokenError) -> String? {
        let (userID, owner, name) = (place.userID, owner(of: place), Owner.namePrefix())
        let request = RequestID()
        var created: IssuedToken?
        _ = try untilAnswered { () throws(TokenError) in
            try self.client.putMember(
                userID: userID, role: Self.role, status: .active, as: self.world.admin.credential)
            created = try self.client.createToken(
                name: name, scopes: ["issues:read", HistoryReader.heldScope], requestID: request, as: owner)
        }
        guard let created else { return nil }
        world.tally.count("created")
        place.tokenID = created.token.id
        return created.secret.reveal()
    }

    private func owner(of place: Place) -> Credential {
        .delegate(user: place.userID, workspace: world.admin.workspace)
    }

    /// Makes a call until the daemon answers it: one that dies meanwhile has made the change or not. False when it was told
    /// to stop before.
    private func untilAnswered(_ call: () throws(TokenError) -> Void) throws(TokenError) -> Bool {
        while true {
            do throws(TokenError) {
                try call()
                return true
            } catch {
                let mayPass: [TokenError.Code] = [.connectionFailed, .connectionLost, .unavailable, .deadlineExceeded]
                guard mayPass.contains(error.code) else { throw error }
                if world.stop.hasCome { return false }
                Clock.sleep(nanoseconds: 2_000_000)
            }
        }
    }
}

/// Tells threads to end.
final class StopSignal: Sendable {
    private let isSet = Atomic(false)

    var hasCome: Bool { isSet.load(ordering: .relaxed) }

    func send() { isSet.store(true, ordering: .relaxed) }
}

/// How many changes of each kind were made.
final class ChangeTally: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    func count(_ kind: String) { counts.withLock { $0[kind, default: 0] += 1 } }

    var all: [String: Int] { counts.withLock { $0 } }
}
