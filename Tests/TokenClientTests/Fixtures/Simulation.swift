import LinuxIO
import TokenWire

@testable import TokenClient

/// A thread or task in a simulation: what it is doing, and the turn it has.
final class SimulatedCaller {
    enum Doing {
        case nothing
        /// About to ask for its next step.
        case running
        case writing
        /// Has written, and is about to say so.
        case written(WriteResult)
        case waiting(until: Moment)
        case connecting
        /// Leads, and sleeps until the moment.
        case pausing(until: Moment)
        /// Leads, and waits for bytes.
        case reading(until: Moment, wantsWrite: Bool)
    }

    let isBackground: Bool
    var key: CallKey?
    var token = ""
    var isSuspending = false
    var doing = Doing.nothing
    var writeTurn: WriteTurn?
    var leadTurn: LeadTurn?
    var parker: Parker?
    var hasPermit = false

    init(isBackground: Bool = false) { self.isBackground = isBackground }
}

/// Callers, a daemon and a network, all driven by one random generator against a real state machine: every order in
/// which threads can come to the lock can come up, and the same seed gives the same run.
struct Simulation: ~Copyable {
    var state: ChannelState
    var random: SplitMix64
    var now = Moment.milliseconds(1000)
    var server = SimulatedServer()
    let callers: [SimulatedCaller]
    let background = SimulatedCaller(isBackground: true)
    var isLeaderWoken = false
    var isListening = true
    var callsLeft: Int
    var nextToken = 0
    /// Faults found; empty in the end if all went well.
    var faults: [String] = []
    /// How calls ended.
    var outcomes: [String: Int] = [:]
    /// Whether calls have too little time and clocks jump. Where they have all the time in the world a call that ends
    /// without an answer, and whose connection wasn't lost, was forgotten.
    let isHurried: Bool
    /// Whether connections stay.
    let isPeaceful: Bool
    /// Calls that must not be repeated.
    var unrepeatable: Set<String> = []

    init(seed: UInt64) throws {
        isHurried = seed.isMultiple(of: 2)
        isPeaceful = seed % 4 == 1
        var settings = try ChannelSettings.fixture(connectTimeout: isHurried ? .milliseconds(500) : .seconds(1_000_000))
        settings.streamCountMax = 2 + Int(seed % 5)
        settings.firstStreamID = seed.isMultiple(of: 3) ? .max - 20 : 1
        state = ChannelState(settings: settings, seed: seed)
        random = SplitMix64(state: seed)
        callers = (0..<2 + Int(seed % 9)).map { _ in SimulatedCaller() }
        callsLeft = 60
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &random) < percent }

    /// Runs until all calls have ended, or nothing can go on any more.
    mutating func run() {
        for _ in 0..<50_000 {
            if callsLeft == 0, callers.allSatisfy({ $0.key == nil }) { return checkEnd() }
            if chance(8) { disturb() }
            if faults.count > 3 { return }
            let able = (callers + [background]).filter { canGoOn($0) }
            if let caller = able.randomElement(using: &random) {
                move(caller)
            } else if !letServerAct(always: true), !advanceTime() {
                faults.append("nothing can go on")
                return
            }
            settleEffects()
        }
        faults.append("no end")
    }

    private mutating func checkEnd() {
        for (token, count) in server.requestCounts where count > (unrepeatable.contains(token) ? 1 : 2) {
            faults.append("\(token) was sent \(count) times")
        }
        if isPeaceful, !Set(outcomes.keys).isSubset(of: ["answered", "cancelled"]) {
            faults.append("a call failed without a reason: \(outcomes)")
        }
        if !isHurried, outcomes["deadline_exceeded"] != nil || outcomes["connection_failed"] != nil {
            faults.append("a call was forgotten: \(outcomes)")
        }
        if state.leader != .nobody, state.leader != .background { faults.append("somebody leads who has gone") }
    }

    private mutating func settleEffects() {
        let effects = state.takeEffects()
        for parker in effects.unparks {
            for caller in callers where caller.parker === parker { caller.hasPermit = true }
        }
        if effects.wakesLeader { isLeaderWoken = true }
        if effects.startsBackground || effects.wakesBackground { background.hasPermit = true }
        for connection in effects.dropped {
            if let index = server.index(of: connection) { server.wires[index].isOpen = false }
        }
        if server.wires.contains(where: { $0.unanswered.count > state.streamCountMax }) {
            faults.append("more streams in flight than the daemon takes")
        }
        if let broken = state.brokenInvariant() { faults.append(broken) }
    }

    /// The daemon and the network do what there is to do, or leave some of it; returns whether they did anything.
    private mutating func letServerAct(always: Bool) -> Bool {
        var acted = false
        for index in server.wires.indices where server.wires[index].isOpen {
            if !server.wires[index].unanswered.isEmpty, always || chance(80) {
                server.answer(index, using: &random)
                acted = true
            }
            if server.wires[index].room < 2000 {
                server.wires[index].room = 2000
                acted = true
            }
        }
        isListening = isListening || always
        return acted
    }

    /// Things that happen at any time.
    private mutating func disturb() {
        let open = server.wires.indices.filter { server.wires[$0].isOpen }
        switch Int.random(in: 0..<14, using: &random) {
        case 0 where !isPeaceful:
            if let index = open.randomElement(using: &random) { server.wires[index].isOpen = false }
        case 7 where !isPeaceful:
            if let index = open.randomElement(using: &random) { server.wires[index].isReading = false }
        case 1: isListening = chance(70)
        case 2: cancelSomeone()
        case 3 where isHurried: now = now.adding(nanoseconds: Int64.random(in: 0...200_000_000, using: &random))
        case 4...6: if let index = open.randomElement(using: &random) { server.wires[index].room = 60 }
        default: _ = letServerAct(always: false)
        }
    }

    private mutating func cancelSomeone() {
        guard let caller = callers.randomElement(using: &random), caller.isSuspending, let key = caller.key else {
            return
        }
        state.cancel(key, now: now)
        settleEffects()
    }

    /// Goes to the next moment that somebody waits for.
    private mutating func advanceTime() -> Bool {
        var next: Moment?
        for caller in callers + [background] {
            switch caller.doing {
            // A suspended call's time is the leader's to keep.
            case .waiting(let until) where !caller.isSuspending && !caller.isBackground:
                next = min(next ?? until, until)
            case .pausing(let until), .reading(let until, _): next = min(next ?? until, until)
            default: break
            }
        }
        guard let next, next != .distantFuture else { return false }
        now = max(now, next)
        return true
    }
}
