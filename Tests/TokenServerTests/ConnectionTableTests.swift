import Glibc
import LinuxIO
import Testing
import TokenCore

@testable import TokenServer

@Suite("The connections of a loop") struct ConnectionTableTests {
    private var table = ConnectionTable()

    @discardableResult
    private mutating func insert() throws -> UInt64 {
        let registration = table.nextRegistration
        let policy = InForce(PeerPolicy())
        let peer = Peer(
            credentials: PeerCredentials(userID: 1, groupID: 1, groupIDs: [], processID: 1), socket: .service,
            policy: policy.copy(), daemonUserID: 1)
        let descriptor = open("/dev/null", O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        table.insert(
            Connection(
                registration: registration, descriptor: FileDescriptor(owning: descriptor), peer: peer,
                share: BufferBudget.Share(), Timeouts(), now: 0))
        return registration
    }

    @Test mutating func eachIsFoundByItsNumber() throws {
        var numbers: [UInt64] = []
        for _ in 0..<100 { numbers.append(try insert()) }
        #expect(Set(numbers).count == 100)
        for number in numbers { #expect(table[number]?.registration == number) }
        #expect(table.all.count == 100)
        // The loop's own.
        for number: UInt64 in 0...2 { #expect(table[number] == nil) }
        #expect(table[.max] == nil)
    }

    @Test mutating func theNumberOfOneThatIsGoneIsNobodysThoughItsPlaceIsTaken() throws {
        let first = try insert()
        let second = try insert()
        let gone = try #require(table[first])
        let isRemoved = table.remove(gone)
        let isRemovedAgain = table.remove(gone)
        #expect(isRemoved && !isRemovedAgain)
        let third = try insert()
        #expect(table[first] == nil)
        #expect(table[second] != nil && table[third] != nil && third != first)
        #expect(table.all.count == 2)
    }

    @Test mutating func aTableThatAllHaveLeftIsEmpty() throws {
        for _ in 0..<3 { try insert() }
        for connection in table.all where !table.remove(connection) { Issue.record("was not there") }
        #expect(table.isEmpty)
    }
}
