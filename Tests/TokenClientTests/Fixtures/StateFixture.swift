import Glibc
import LinuxIO
import Testing
import TokenWire

@testable import TokenClient

extension ChannelSettings {
    /// For a state machine that never does I/O.
    static func fixture(connectTimeout: Duration = .seconds(3)) throws -> ChannelSettings {
        try ChannelSettings(TokenClient.Configuration(socketPath: "/nowhere", connectTimeout: connectTimeout))
    }
}

extension Connection {
    /// A connection that nobody reads or writes.
    static func fixture() -> Connection {
        Connection(owning: FileDescriptor(owning: open("/dev/null", O_RDWR | O_CLOEXEC)))
    }
}

extension Moment {
    static func milliseconds(_ count: Int64) -> Moment { Moment(nanoseconds: count * 1_000_000) }
}

/// A state machine, the time, and what it asked to be done to others so far.
///
/// Steps are taken apart here, because a value that can't be copied can't be in an expectation.
struct StateFixture: ~Copyable {
    var state: ChannelState
    var now = Moment.milliseconds(1000)
    private(set) var effects = Effects()

    init(_ change: (inout ChannelSettings) -> Void = { _ in }) throws {
        var settings = try ChannelSettings.fixture()
        change(&settings)
        state = ChannelState(settings: settings, seed: 1)
    }

    mutating func takeEffects() -> Effects {
        defer { effects = Effects() }
        return effects
    }

    mutating func change<Result: ~Copyable>(_ body: (inout ChannelState, Moment) -> Result) -> Result {
        let result = body(&state, now)
        let new = state.takeEffects()
        effects.unparks += new.unparks
        effects.dropped += new.dropped
        effects.wakesLeader = effects.wakesLeader || new.wakesLeader
        effects.startsBackground = effects.startsBackground || new.startsBackground
        effects.wakesBackground = effects.wakesBackground || new.wakesBackground
        let broken = state.brokenInvariant()
        #expect(broken == nil)
        return result
    }

    mutating func open(
        isSuspending: Bool = false, isRepeatable: Bool = true, deadline: Moment = .milliseconds(6000)
    ) -> CallKey {
        change {
            $0.open(isSuspending: isSuspending, isRepeatable: isRepeatable, deadline: deadline, now: $1)
        }
    }

    /// What the caller does next; its frame asks about a token named after the call.
    mutating func advance(_ key: CallKey) -> Step {
        change { state, now in
            state.advance(key, now: now) { (buffer, stream, timeout) throws(WireError) in
                try buffer.appendRequest(
                    stream: stream, method: .verify, timeoutNanoseconds: timeout,
                    payload: VerifyRequest(token: "t\(key.serial)"))
            }
        }
    }

    /// Gives the leader's turn bytes that the daemon sent.
    mutating func receive(
        _ turn: consuming LeadTurn, _ fill: (inout WireBuffer) -> Void = { _ in }
    ) -> LeadStep {
        var turn: LeadTurn? = consume turn
        return change { state, now in
            guard var turn = turn.take() else { preconditionFailure() }
            let before = turn.incoming.count
            fill(&turn.incoming)
            let count = turn.incoming.count - before
            return state.received(turn, count > 0 ? .bytes(count) : .wouldBlock, isWritable: false, now: now)
        }
    }

    /// Tells the leader that the connection has ended.
    mutating func receiveEnd(_ turn: consuming LeadTurn) -> LeadStep {
        var turn: LeadTurn? = consume turn
        return change { state, now in
            guard let turn = turn.take() else { preconditionFailure() }
            return state.received(turn, .ended, isWritable: false, now: now)
        }
    }

    mutating func lead(_ turn: consuming LeadTurn) -> LeadStep {
        var turn: LeadTurn? = consume turn
        return change { state, now in
            guard let turn = turn.take() else { preconditionFailure() }
            return state.lead(turn, now: now)
        }
    }

    mutating func connected(_ turn: consuming LeadTurn, _ result: ConnectResult) -> LeadStep {
        var turn: LeadTurn? = consume turn
        return change { state, now in
            guard let turn = turn.take() else { preconditionFailure() }
            return state.connected(turn, result, now: now)
        }
    }

    /// Takes a turn back with all but the last `left` bytes sent.
    mutating func wrote(_ turn: consuming WriteTurn, _ result: WriteResult = .done, left: Int = 0) -> WriteTurn? {
        var turn: WriteTurn? = consume turn
        return change { state, now in
            guard var turn = turn.take() else { preconditionFailure() }
            turn.bytes.consume(turn.bytes.count - left)
            return state.wrote(turn, result, now: now)
        }
    }
}

extension StateFixture {
    /// Makes a connection by the hand of a first call, and returns that call, which then is admitted and leads no more.
    mutating func connect() throws -> CallKey {
        let key = open()
        let turn = try advance(key).leadTurn()
        let connecting = try lead(turn).connectTurn()
        try connected(connecting, .connected(.fixture())).resign()
        return key
    }

    /// Makes a call whose frame is sent at once. A connection must be there, and nobody writing.
    mutating func send(isSuspending: Bool = false, isRepeatable: Bool = true) throws -> CallKey {
        let key = open(isSuspending: isSuspending, isRepeatable: isRepeatable)
        try write(key)
        return key
    }

    mutating func write(_ key: CallKey) throws {
        let turn = try advance(key).writeTurn()
        try wrote(turn).nothing()
    }

    /// Takes the lead with a call that was sent, up to where it waits for something to read.
    mutating func beginReading(_ key: CallKey) throws -> LeadTurn {
        let turn = try advance(key).leadTurn()
        return try lead(turn).readTurn()
    }
}

/// A step that a test didn't expect. The steps can't be copied, so `#expect` and `#require` don't take them.
struct UnexpectedStep: Error {}

extension Step {
    consuming func writeTurn() throws -> WriteTurn {
        if case .write(let turn) = consume self { return turn }
        throw UnexpectedStep()
    }

    consuming func leadTurn() throws -> LeadTurn {
        if case .lead(let turn) = consume self { return turn }
        throw UnexpectedStep()
    }

    consuming func waitLimit() throws -> Moment {
        if case .wait(let until, _) = consume self { return until }
        throw UnexpectedStep()
    }

    consuming func parker() throws -> Parker {
        if case .wait(_, let parker?) = consume self { return parker }
        throw UnexpectedStep()
    }

    consuming func failure() throws -> TokenError {
        if case .done(.failed(let error)) = consume self { return error }
        throw UnexpectedStep()
    }

    consuming func answer() throws {
        guard case .done(.answered) = consume self else { throw UnexpectedStep() }
    }
}

extension LeadStep {
    consuming func connectTurn() throws -> LeadTurn {
        if case .connect(let turn) = consume self { return turn }
        throw UnexpectedStep()
    }

    consuming func readTurn() throws -> LeadTurn {
        if case .read(let turn, _, _) = consume self { return turn }
        throw UnexpectedStep()
    }

    consuming func sleepTurn() throws -> LeadTurn {
        if case .sleep(let turn, _) = consume self { return turn }
        throw UnexpectedStep()
    }

    consuming func resign() throws {
        guard case .resign = consume self else { throw UnexpectedStep() }
    }
}

extension BackgroundStep {
    consuming func leadTurn() throws -> LeadTurn {
        if case .lead(let turn) = consume self { return turn }
        throw UnexpectedStep()
    }
}

extension Optional where Wrapped: ~Copyable {
    consuming func something() throws -> Wrapped {
        switch consume self {
        case .some(let value): return value
        case .none: throw UnexpectedStep()
        }
    }

    consuming func nothing() throws {
        if case .some = consume self { throw UnexpectedStep() }
    }
}

extension WireBuffer {
    /// The answer to a Verify.
    mutating func appendAnswer(stream: UInt32) {
        try? appendResponse(stream: stream, payloadBytes: VerifyResponse(outcome: .valid).encoded().span)
    }
}
