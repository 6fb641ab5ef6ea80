import Testing
import TokenWire

@testable import TokenServer

@Suite("The rules of a connection's frames")
struct ConnectionMachineTests {
    private var machine = ConnectionMachine()

    private func request(
        _ id: UInt32, flags: FrameFlags = [], byteCount: Int = 0, type: FrameType = .request
    ) -> FrameHeader {
        FrameHeader(byteCountOfBody: UInt32(byteCount), streamID: id, type: type, flags: flags)
    }

    private func isRefused(_ verdict: ConnectionMachine.Verdict) -> Bool {
        if case .refuse = verdict { true } else { false }
    }

    @Test mutating func oddRisingIdsAreCalls() {
        for id: UInt32 in [1, 3, 9, 0x7fff_ffff, 0xffff_ffff] { #expect(machine.receive(request(id)) == .call) }
    }

    @Test(arguments: [0, 2, 0xffff_fffe] as [UInt32])
    func anEvenIdIsRefusedAndUsesNothingUp(_ id: UInt32) {
        var machine = ConnectionMachine()
        #expect(isRefused(machine.receive(request(id))))
        #expect(!machine.hasCallsInFlight)
        #expect(machine.receive(request(1)) == .call)
    }

    @Test mutating func anIdThatDoesNotRiseIsRefused() {
        #expect(machine.receive(request(5)) == .call)
        for id: UInt32 in [5, 3, 1] { #expect(isRefused(machine.receive(request(id)))) }
        #expect(machine.receive(request(7)) == .call)
    }

    @Test mutating func nothingFollowsTheHighestId() {
        #expect(machine.receive(request(.max)) == .call)
        for id: UInt32 in [1, .max - 2, .max] { #expect(isRefused(machine.receive(request(id)))) }
    }

    @Test mutating func anIdInFlightClosesTheConnection() {
        #expect(machine.receive(request(1)) == .call)
        machine.begin(1)
        #expect(machine.receive(request(1)) == .refuseAndClose("the stream id is in use"))
        // Answered, it is only one that does not rise.
        machine.end(1)
        #expect(isRefused(machine.receive(request(1))))
    }

    @Test mutating func aRequestThatAnnouncesMoreIsRefusedAndItsIdIsUsedUp() {
        #expect(isRefused(machine.receive(request(1, flags: .remoteOpen))))
        #expect(isRefused(machine.receive(request(1))))
        #expect(machine.receive(request(3, flags: .remoteClosed)) == .call)
    }

    @Test(arguments: [0x08, 0x10, 0x20, 0x40, 0x80] as [UInt8])
    func unknownFlagsAreIgnored(_ bits: UInt8) {
        var machine = ConnectionMachine()
        #expect(machine.receive(request(1, flags: FrameFlags(rawValue: bits))) == .call)
    }

    @Test(arguments: [0, 2, 4, 0x7f, 0xff] as [UInt8])
    func framesThatAreNotForUsAreIgnoredUpToALimit(_ type: UInt8) {
        var machine = ConnectionMachine()
        for _ in 0..<WireLimits.ignoredFrameCountMax {
            #expect(machine.receive(request(1, type: FrameType(rawValue: type))) == .ignore)
        }
        #expect(machine.receive(request(1)) == .call)
        #expect(machine.receive(request(1, type: FrameType(rawValue: type))) == .close)
    }

    @Test mutating func dataBelongsToNoStreamAndCountsAsIgnored() {
        #expect(machine.receive(request(1)) == .call)
        #expect(machine.receive(request(3)) == .call)
        machine.begin(1)
        for _ in 0..<WireLimits.ignoredFrameCountMax {
            #expect(isRefused(machine.receive(request(3, type: .data))))
        }
        #expect(machine.receive(request(3, type: .data)) == .close)
        #expect(machine.hasCallsInFlight)
    }

    @Test mutating func dataOfAStreamInFlightEndsTheConnection() {
        #expect(machine.receive(request(1)) == .call)
        machine.begin(1)
        guard case .refuseAndClose = machine.receive(request(1, type: .data)) else {
            Issue.record("it was taken for a frame of no stream")
            return
        }
    }

    @Test(arguments: [
        (FrameType.request, 256 << 10, true), (.request, (256 << 10) + 1, false), (.request, 0, true),
        (.request, 4 << 20, false), (.data, 4 << 20, true), (.data, (4 << 20) + 1, false),
        (FrameType(rawValue: 9), 4 << 20, true), (FrameType(rawValue: 9), 0x0100_0000, false),
        (.request, 0x8000_0000, false), (.request, 0xffff_ffff, false),
    ])
    func aBodyIsReadUpToTheLimitOfItsType(_ type: FrameType, _ byteCount: Int, _ isAcceptable: Bool) {
        #expect(ConnectionMachine().isAcceptable(request(1, byteCount: byteCount, type: type)) == isAcceptable)
    }

    @Test mutating func itIsFullWith64CallsInFlight() {
        for number in 0..<UInt32(WireLimits.streamCountMax) {
            #expect(!machine.isFull)
            machine.begin(number * 2 + 1)
        }
        #expect(machine.isFull)
        machine.end(5)
        #expect(!machine.isFull)
        // An id that is not in flight ends nothing.
        machine.end(5)
        machine.begin(999)
        #expect(machine.isFull)
    }
}

@Suite("The deadlines of a connection")
struct DeadlineTests {
    private var timeouts = Timeouts()
    private let second: Int64 = 1_000_000_000

    @Test func theFirstFrameHasItsOwnDeadline() {
        var deadlines = Deadlines(timeouts, acceptedAt: 7)
        #expect(deadlines.earliest == 7 + 5 * second)
        deadlines.frameArrived()
        #expect(!deadlines.isArmed)
    }

    @Test func aPartialFrameHasTenSecondsFromItsFirstByte() {
        var deadlines = Deadlines(timeouts, acceptedAt: 0)
        deadlines.frameArrived()
        deadlines.frameIsPartial(now: 3)
        deadlines.frameIsPartial(now: 4 * second)
        #expect(deadlines.earliest == 3 + 10 * second)
    }

    @Test func moreRepliesGiveAPeerThatReadsNoneNoMoreTime() {
        var deadlines = Deadlines(timeouts, acceptedAt: 0)
        deadlines.frameArrived()
        deadlines.repliesWait(now: 1)
        deadlines.repliesWait(now: 20 * second)
        #expect(deadlines.earliest == 1 + 30 * second)
        deadlines.repliesWereTaken()
        deadlines.repliesWait(now: 20 * second)
        #expect(deadlines.earliest == 50 * second)
    }
}
