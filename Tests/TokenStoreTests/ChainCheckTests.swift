import Testing
import TokenCore

@testable import TokenStore

@Suite("Checking the audit's chain")
struct ChainCheckTests {
    let fixture: StoreFixture
    let admin: TestSecret

    /// Twelve events: four of the beginning, and eight tokens.
    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
        for number in 0..<8 { try fixture.create("t\(number)", as: admin.claim) }
    }

    private func check(
        first: Int64 = 0, last: Int64 = 0, known: ChainCheck.Anchor? = nil, rowCount: Int = 3
    ) throws -> ChainCheck {
        let store = try fixture.store()
        let reader = try store.makeReader()
        var check = ChainCheck(first: first, last: last, mark: store.state.current, known: known)
        var sliceCount = 0
        while !check.isFinished {
            try reader.advance(&check, rowCount: rowCount)
            sliceCount += 1
            try #require(sliceCount < 100)
        }
        return check
    }

    @Test(arguments: [1, 3, 12, 13, 1_000]) func aWholeChainIsRightInSlicesOfAnySize(rowCount: Int) throws {
        let check = try check(rowCount: rowCount)
        let head = try fixture.store().state.current
        #expect(check.finding == nil)
        #expect(check.first == 1)
        #expect(check.checked == ChainCheck.Anchor(sequence: 12, hash: head.head))
        #expect(check.checkedCount == 12)
        #expect(check.floor.sequence == 0)
        // A part of it.
        let part = try self.check(first: 4, last: 9, rowCount: rowCount)
        #expect(part.finding == nil)
        #expect(part.checked.sequence == 9)
        #expect(part.checkedCount == 6)
    }

    @Test func noStatementStaysOpenBetweenSlices() throws {
        let store = try fixture.store()
        let reader = try store.makeReader()
        var check = ChainCheck(mark: store.state.current)
        try reader.advance(&check, rowCount: 3)
        // What comes in between belongs to the next check.
        try fixture.create("late", as: admin.claim)
        while !check.isFinished { try reader.advance(&check, rowCount: 3) }
        #expect(check.finding == nil)
        #expect(check.checked.sequence == 12)
    }

    @Test(arguments: [
        "UPDATE event SET target = 'other' WHERE sequence = 5", "UPDATE event SET at = at + 1 WHERE sequence = 5",
        "UPDATE event SET workspace = NULL WHERE sequence = 5", "UPDATE event SET actor = 'eve' WHERE sequence = 5",
        "UPDATE event SET metadata = x'' WHERE sequence = 5", "UPDATE event SET metadata = x'00' WHERE sequence = 5",
        "UPDATE event SET hash = zeroblob(32) WHERE sequence = 5", "UPDATE event SET peer_uid = 7 WHERE sequence = 5",
        "UPDATE event SET trace_id = '' WHERE sequence = 5", "UPDATE event SET action = 'x' WHERE sequence = 5",
    ]) func anEditedEventIsNamed(edit: String) throws {
        try fixture.run(edit)
        #expect(try check().finding == ChainCheck.Finding(sequence: 5, fault: .edited))
        #expect(try check(first: 6).finding?.sequence == (edit.contains("hash") ? 6 : nil))
        #expect(try check(last: 4).finding == nil)
    }

    @Test func garbageInPlaceOfNoMetadataIsAnEdit() throws {
        try fixture.run("UPDATE event SET metadata = x'00' WHERE sequence = 1")
        #expect(try check().finding == ChainCheck.Finding(sequence: 1, fault: .edited))
    }

    @Test(arguments: [1, 5, 11] as [Int64], [1, 2] as [Int64]) func aDeletedEventIsNamed(
        sequence: Int64, count: Int64
    ) throws {
        let isEnd = sequence + count > 12
        try fixture.run("DELETE FROM event WHERE sequence >= \(sequence) AND sequence < \(sequence + count)")
        #expect(try check().finding == ChainCheck.Finding(sequence: sequence, fault: isEnd ? .cut : .deleted))
    }

    @Test func aCutAtTheEndIsNamedByTheMark() throws {
        try fixture.run("DELETE FROM event WHERE sequence > 9")
        #expect(try check().finding == ChainCheck.Finding(sequence: 10, fault: .cut))
        try fixture.run("DELETE FROM event")
        #expect(try check().finding == ChainCheck.Finding(sequence: 1, fault: .cut))
        #expect(try check(first: 8).finding == ChainCheck.Finding(sequence: 7, fault: .cut))
    }

    @Test(arguments: [(5, 6), (5, 9), (11, 12)]) func eventsThatChangedPlacesAreNamed(one: Int, other: Int) throws {
        try fixture.run(
            """
            UPDATE event SET sequence = -1 WHERE sequence = \(one);
            UPDATE event SET sequence = \(one) WHERE sequence = \(other);
            UPDATE event SET sequence = \(other) WHERE sequence = -1;
            """)
        #expect(try check().finding == ChainCheck.Finding(sequence: Int64(one), fault: .reordered))
    }

    @Test(arguments: [5, 12] as [Int64]) func aChainComputedAnewIsShownByAKnownHash(from sequence: Int64) throws {
        let known = try #require(try fixture.events().first { $0.event.sequence == max(sequence, 8) })
        try fixture.perform(
            Custom { transaction throws(ChangeFailure) in
                try transaction.execute("UPDATE event SET actor = 'eve' WHERE sequence = \(sequence)")
                try transaction.recomputeChain()
            })
        let anchor = ChainCheck.Anchor(sequence: known.event.sequence, hash: known.hash)
        #expect(try check(known: anchor).finding == ChainCheck.Finding(sequence: anchor.sequence, fault: .rewritten))
        // Without it, the rollback mark knows the newest.
        #expect(try check().finding == ChainCheck.Finding(sequence: 12, fault: .rewritten))
        #expect(try check(last: 11).finding == nil)
    }

    @Test func anEventThatIsKnownAndNotThereIsACut() throws {
        let anchor = ChainCheck.Anchor(sequence: 20, hash: .zero)
        #expect(try check(known: anchor).finding == ChainCheck.Finding(sequence: 13, fault: .cut))
    }

    /// Makes the twelfth event number 20 and the acceptance of a rollback, which says this of what came before.
    private func accept(_ store: Int64, _ hash: Digest, markedSequence: Int64) throws {
        let rollback = Rollback(
            store: ChainCheck.Anchor(sequence: store, hash: hash),
            mark: ChainCheck.Anchor(sequence: markedSequence, hash: .zero))
        let metadata = MetadataCoding.encode(rollback.metadata(.kept, endedTokenCount: 0))
        let digits = metadata.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        try fixture.perform(
            Custom { transaction throws(ChangeFailure) in
                try transaction.execute(
                    """
                    UPDATE event SET sequence = 20, action = 'store.recovered', metadata = x'\(digits)'
                    WHERE sequence >= 12
                    """)
                try transaction.recomputeChain()
            })
    }

    /// Checks a chain that ends with number 20.
    private func checkTo20(first: Int64 = 0, last: Int64 = 0) throws -> ChainCheck {
        var mark = try fixture.store().state.current
        mark.sequence = 20
        mark.head = try #require(try fixture.events().last).hash
        var check = ChainCheck(first: first, last: last, mark: mark)
        try fixture.store().makeReader().advance(&check)
        try #require(check.isFinished)
        return check
    }

    @Test func aRangeMayEndAnywhereInASoundChain() throws {
        for (last, count) in [(12, 12), (13, 12), (1_000_000, 12), (Int64.max, 12), (11, 11)] as [(Int64, Int)] {
            let check = try check(last: last)
            #expect(check.finding == nil && check.checkedCount == count, "\(last)")
        }
        // The last event of a slice is the last of all.
        let reader = try fixture.store().makeReader()
        var check = ChainCheck(first: 1, last: 6, mark: try fixture.store().state.current)
        try reader.advance(&check, rowCount: 6)
        #expect(check.isFinished && check.finding == nil)
    }

    @Test func aRangeWhoseEndIsGoneIsCutOnlyIfMoreIsKnown() throws {
        try fixture.run("DELETE FROM event WHERE sequence > 9")
        #expect(try check(last: 11).finding == ChainCheck.Finding(sequence: 10, fault: .cut))
        #expect(try check(last: 1_000).finding == ChainCheck.Finding(sequence: 10, fault: .cut))
        #expect(try check(last: 9).finding == nil)
    }

    @Test func whatIsDeletedAtTheEndOfARangeIsNoCut() throws {
        try fixture.run("DELETE FROM event WHERE sequence IN (8, 9)")
        #expect(try check(last: 9).finding == ChainCheck.Finding(sequence: 8, fault: .deleted))
        #expect(try check(last: 7).finding == nil)
        #expect(try check(first: 10).finding == ChainCheck.Finding(sequence: 8, fault: .deleted))
    }

    @Test func aRangeMayBeginAndEndInTheGapOfAnAcceptedRecovery() throws {
        let last = try #require(try fixture.events().first { $0.event.sequence == 11 })
        try accept(11, last.hash, markedSequence: 19)
        for (first, last, count) in [
            (0, 15, 11), (0, 19, 11), (5, 15, 7), (13, 15, 0), (15, 0, 1), (20, 0, 1), (20, 20, 1), (12, 30, 1),
        ] as [(Int64, Int64, Int)] {
            let check = try checkTo20(first: first, last: last)
            #expect(check.finding == nil && check.checkedCount == count, "\(first) to \(last)")
        }
        // One that tells of another gap explains nothing.
        try accept(11, last.hash, markedSequence: 18)
        for (first, last) in [(0, 15), (15, 0), (20, 0)] as [(Int64, Int64)] {
            let finding = try checkTo20(first: first, last: last).finding
            #expect(finding == ChainCheck.Finding(sequence: 12, fault: .deleted), "\(first) to \(last)")
        }
    }

    @Test func onlyAnAcceptedRecoveryMayFollowAGap() throws {
        let last = try #require(try fixture.events().first { $0.event.sequence == 11 })
        func check(_ store: Int64, _ hash: Digest, markedSequence: Int64) throws -> ChainCheck {
            try accept(store, hash, markedSequence: markedSequence)
            return try checkTo20()
        }
        let accepted = try check(11, last.hash, markedSequence: 19)
        #expect(accepted.finding == nil)
        #expect(accepted.recoveryCount == 1)
        #expect(accepted.checked.sequence == 20)
        // One that tells of another gap explains nothing.
        let missing = ChainCheck.Finding(sequence: 12, fault: .deleted)
        #expect(try check(11, last.hash, markedSequence: 18).finding == missing)
        #expect(try check(11, .zero, markedSequence: 19).finding == missing)
        #expect(try check(10, last.hash, markedSequence: 19).finding == missing)
    }

    // MARK: - Pruning

    private func prune(afterDays passed: Int64 = 0, days: Int64 = 365) throws -> Int {
        try reopen()
        pass(days: passed)
        return try fixture.perform(PruneEvents(retentionDays: days))
    }

    /// Brings the newest mark to the disk, which otherwise takes a second: no event at or after the one it names is pruned.
    private func reopen() throws {
        fixture.close()
        _ = try fixture.store()
    }

    private func pass(days: Int64) {
        fixture.clock.pass(seconds: days * 86_400)
    }

    @Test func oldEventsGoAndTheRestVerifiesFromTheHeadThatIsLeft() throws {
        pass(days: 200)
        for number in 0..<3 { try fixture.create("later\(number)", as: admin.claim) }
        #expect(try prune(afterDays: 166) == 12)
        #expect(try fixture.events().map(\.event.sequence) == [13, 14, 15, 16])
        #expect(try fixture.events().last?.event.action == "audit.pruned")
        var check = try check()
        #expect(check.finding == nil)
        #expect(check.floor.sequence == 12)
        #expect(check.first == 13)
        #expect(try fixture.newestMetadata("head") == check.floor.hash.hexadecimal)
        // Nothing more, no event.
        #expect(try prune() == 0)
        #expect(try fixture.events().count == 4)
        // Again, a year later, and over a restart.
        #expect(try prune(afterDays: 200) == 3)
        fixture.close()
        check = try self.check()
        #expect(check.finding == nil)
        #expect(check.floor.sequence == 15)
    }

    @Test func aFloorThatWasMovedToHideADeletionIsFound() throws {
        let hidden = try #require(try fixture.events().first { $0.event.sequence == 6 })
        let hash = hidden.hash.hexadecimal
        try fixture.run(
            "DELETE FROM event WHERE sequence <= 6; UPDATE store SET pruned_sequence = 6, pruned_hash = x'\(hash)'")
        #expect(try check().finding == ChainCheck.Finding(sequence: 1, fault: .deleted))
    }

    /// As over the wire, where each slice is a check of its own.
    @Test func aFloorThatWasMovedIsFoundByTheLastOfManySlices() throws {
        pass(days: 366)
        for number in 0..<9 { try fixture.create("later\(number)", as: admin.claim) }
        #expect(try prune() == 12)
        #expect(try check(first: 20).finding == nil)
        let hash = try #require(try fixture.events().first { $0.event.sequence == 15 }).hash.hexadecimal
        try fixture.run(
            "DELETE FROM event WHERE sequence <= 15; UPDATE store SET pruned_sequence = 15, pruned_hash = x'\(hash)'")
        #expect(try check(first: 20).finding == ChainCheck.Finding(sequence: 13, fault: .deleted))
        #expect(try check(first: 20, last: 21).finding == nil)
    }

    @Test func anEventBelowTheFloorIsNone() throws {
        pass(days: 366)
        _ = try fixture.create("new", as: admin.claim)
        #expect(try prune() == 12)
        try fixture.run("UPDATE event SET sequence = 3 WHERE sequence = 13")
        #expect(try check().finding == ChainCheck.Finding(sequence: 3, fault: .edited))
    }

    @Test func whatIsPrunedBetweenTwoSlicesIsNotMissing() throws {
        pass(days: 366)
        try fixture.create("new", as: admin.claim)
        try reopen()
        let store = try fixture.store()
        let reader = try store.makeReader()
        var check = ChainCheck(mark: store.state.current)
        try reader.advance(&check, rowCount: 3)
        #expect(try fixture.perform(PruneEvents()) == 12)
        while !check.isFinished { try reader.advance(&check, rowCount: 3) }
        #expect(check.finding == nil)
        #expect(check.checked.sequence == 13)
    }

    @Test(arguments: [364, 0, -1] as [Int64]) func lessThanAYearIsRefused(days: Int64) throws {
        try fixture.expectRefusal(.retentionBelowMinimum, naming: "365") { _ = try prune(days: days) }
    }

    @Test func theNewestEventStaysHoweverOldItIs() throws {
        #expect(try prune(afterDays: 4_000) == 11)
        #expect(try fixture.events().map(\.event.sequence) == [12, 13])
        fixture.close()
        _ = try fixture.store()
        #expect(try check().finding == nil)
    }

    @Test func theEventThatTheMarkNamesOnTheDiskStays() throws {
        pass(days: 4_000)
        try fixture.perform(
            Custom { transaction throws(ChangeFailure) in
                transaction.markedSequence = 5
                let count = try PruneEvents().perform(in: transaction)
                if count != 4 { throw .refused(Refusal(.internalError, "\(count) events were pruned")) }
            })
    }

    @Test func aClockThatIsAheadPrunesNothing() throws {
        fixture.clock.advance(seconds: 100 * 365 * 86_400)
        try fixture.create("future", as: admin.claim)
        #expect(try prune() == 0)
        // And what was written then does not keep what is around it.
        fixture.clock.advance(seconds: -100 * 365 * 86_400)
        try fixture.create("now", as: admin.claim)
        pass(days: 366)
        try fixture.create("new", as: admin.claim)
        #expect(try prune() == 14)
        #expect(try check().finding == nil)
    }
}

extension WriteTransaction {
    /// What someone does who can write the store.
    fileprivate func recomputeChain() throws(ChangeFailure) {
        try sqlite { () throws(SQLiteError) in
            var previous = Digest.zero
            var hashes: [(Int64, Digest)] = []
            let statement = try connection.statement(StoreReader.eventSelection + " ORDER BY event.sequence")
            while try statement.step() {
                previous = AuditChain.hash(previous: previous, event: statement.event().event)
                hashes.append((statement.integer(0), previous))
            }
            let update = try connection.statement("UPDATE event SET hash = ?2 WHERE sequence = ?1")
            for (sequence, hash) in hashes {
                update.bind(1, sequence)
                update.bind(2, hash)
                try update.run()
            }
        }
    }
}
