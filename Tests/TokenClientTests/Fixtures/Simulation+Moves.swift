import LinuxIO
import TokenWire

@testable import TokenClient

extension Simulation {
    /// Whether a caller isn't asleep.
    func canGoOn(_ caller: SimulatedCaller) -> Bool {
        switch caller.doing {
        case .nothing: caller.isBackground ? caller.hasPermit : callsLeft > 0
        case .running, .writing, .written, .connecting: true
        case .waiting(let until):
            if let key = caller.key, caller.isSuspending {
                !state.calls.records[key.index].isWaiting
            } else {
                caller.hasPermit || now >= until
            }
        case .pausing(let until): isLeaderWoken || now >= until
        case .reading(let until, let wantsWrite):
            isLeaderWoken || now >= until || isReadable(caller) || wantsWrite && isWritable(caller)
        }
    }

    private func wire(_ caller: SimulatedCaller) -> SimulatedServer.Wire? {
        server.index(of: caller.leadTurn?.connection).map { server.wires[$0] }
    }

    private func isReadable(_ caller: SimulatedCaller) -> Bool {
        guard let wire = wire(caller) else { return false }
        return !wire.toClient.isEmpty || !wire.isOpen
    }

    private func isWritable(_ caller: SimulatedCaller) -> Bool {
        guard let wire = wire(caller) else { return false }
        return wire.room > 0 || !wire.isOpen
    }

    /// One step of one caller, from one use of the lock to the next.
    mutating func move(_ caller: SimulatedCaller) {
        switch caller.doing {
        case .nothing: caller.isBackground ? stepBackground() : begin(caller)
        case .running: advance(caller)
        case .writing:
            if var turn = caller.writeTurn.take() {
                caller.doing = .written(server.send(&turn))
                caller.writeTurn = consume turn
            }
        case .written(let result): report(caller, result)
        case .waiting:
            caller.hasPermit = false
            advance(caller)
        case .connecting: connect(caller)
        case .pausing:
            isLeaderWoken = false
            lead(caller)
        case .reading(_, let wantsWrite): read(caller, wantsWrite: wantsWrite)
        }
    }

    private mutating func begin(_ caller: SimulatedCaller) {
        callsLeft -= 1
        nextToken += 1
        caller.token = "token \(nextToken)"
        caller.isSuspending = chance(40)
        let isRepeatable = chance(70)
        if !isRepeatable { unrepeatable.insert(caller.token) }
        let timeout = isHurried ? Int64.random(in: 1...3000, using: &random) : 1_000_000_000
        caller.key = state.open(
            isSuspending: caller.isSuspending, isRepeatable: isRepeatable,
            deadline: now.adding(nanoseconds: timeout * 1_000_000), now: now)
        caller.doing = .running
    }

    private mutating func advance(_ caller: SimulatedCaller) {
        guard let key = caller.key else { return }
        let padding = String(repeating: "-", count: chance(10) ? 500 : 0)
        let token = caller.token
        let step = state.advance(key, now: now) { (buffer, stream, timeout) throws(WireError) in
            try buffer.appendRequest(
                stream: stream, method: .verify, timeoutNanoseconds: timeout,
                payload: VerifyRequest(token: token, workspaceID: padding))
        }
        switch consume step {
        case .write(let turn):
            caller.writeTurn = consume turn
            caller.doing = .writing
        case .lead(let turn):
            if caller.isSuspending { faults.append("a suspending call leads") }
            caller.leadTurn = consume turn
            lead(caller)
        case .wait(let until, let parker):
            caller.parker = parker
            caller.doing = .waiting(until: until)
        case .done(let outcome): end(caller, outcome)
        }
    }

    private mutating func end(_ caller: SimulatedCaller, _ outcome: Outcome) {
        caller.key = nil
        caller.parker = nil
        caller.doing = .nothing
        switch outcome {
        case .failed(let error): outcomes["\(error.code)", default: 0] += 1
        case .answered(let body, _):
            outcomes["answered", default: 0] += 1
            let name = body.withBytes { bytes -> String in
                guard let envelope = try? ResponseEnvelope.View(bytes),
                    let answer = try? VerifyAnswer.View(envelope.payload)
                else { return "nothing that can be read" }
                return String(copying: answer.tokenName)
            }
            if name != caller.token { faults.append("\(caller.token) got the answer of \(name)") }
        }
    }

    private mutating func stepBackground() {
        background.hasPermit = false
        switch state.backgroundStep(now: now) {
        case .lead(let turn):
            background.leadTurn = consume turn
            lead(background)
        case .sleep: background.doing = .nothing
        case .exit: background.doing = .nothing
        }
    }

    private mutating func lead(_ caller: SimulatedCaller) {
        guard let turn = caller.leadTurn.take() else { return }
        take(state.lead(turn, now: now), caller)
    }

    private mutating func take(_ step: consuming LeadStep, _ caller: SimulatedCaller) {
        switch consume step {
        case .connect(let turn):
            caller.leadTurn = consume turn
            caller.doing = .connecting
        case .sleep(let turn, let until):
            caller.leadTurn = consume turn
            caller.doing = .pausing(until: until)
        case .write(let turn, let writeTurn):
            caller.leadTurn = consume turn
            caller.writeTurn = consume writeTurn
            caller.doing = .writing
        case .read(let turn, let until, let wantsWrite):
            caller.leadTurn = consume turn
            caller.doing = .reading(until: until, wantsWrite: wantsWrite)
        case .resign:
            if caller.isBackground { stepBackground() } else { caller.doing = .running }
        }
    }

    private mutating func report(_ caller: SimulatedCaller, _ result: WriteResult) {
        guard let turn = caller.writeTurn.take() else { return }
        caller.writeTurn = state.wrote(turn, result, now: now)
        if caller.writeTurn != nil {
            caller.doing = .writing
        } else if caller.leadTurn != nil {
            lead(caller)
        } else {
            caller.doing = .running
        }
    }

    private mutating func connect(_ caller: SimulatedCaller) {
        guard let turn = caller.leadTurn.take() else { return }
        guard isListening else { return take(state.connected(turn, .notNow("nobody"), now: now), caller) }
        let connection = Connection.fixture()
        server.wires.append(SimulatedServer.Wire(connection: connection))
        take(state.connected(turn, .connected(connection), now: now), caller)
    }

    private mutating func read(_ caller: SimulatedCaller, wantsWrite: Bool) {
        isLeaderWoken = false
        let isWritable = wantsWrite && isWritable(caller)
        guard var turn = caller.leadTurn.take() else { return }
        var transfer = Transfer.wouldBlock
        if let index = server.index(of: turn.connection) {
            if !server.wires[index].toClient.isEmpty {
                let count = Int.random(in: 1...server.wires[index].toClient.count, using: &random)
                let bytes = Array(server.wires[index].toClient.prefix(count))
                turn.incoming.append(bytes.span)
                server.wires[index].toClient.removeFirst(count)
                transfer = .bytes(count)
            } else if !server.wires[index].isOpen {
                transfer = .ended
            }
        }
        take(state.received(turn, transfer, isWritable: isWritable, now: now), caller)
    }
}
