import Foundation
import Testing

@testable import tokenbench

/// Histories made by hand, of a few calls; the times are small numbers.
@Suite("A secret's history") struct SecretHistoryTests {
    private func history(
        _ changes: [SecretHistory.Change], _ calls: [(Verdict, ClosedRange<Int64>)]
    ) -> SecretHistory {
        var history = SecretHistory(serial: 1)
        for change in changes { history.add(change) }
        for (number, call) in calls.enumerated() {
            history.add(Sighting(reader: number, verdict: call.0, first: span(call.1)))
        }
        return history
    }

    private func span(_ times: ClosedRange<Int64>) -> CallSpan {
        CallSpan(begun: times.lowerBound, returned: times.upperBound)
    }

    private let revoked = SecretHistory.Change(to: .ended, begun: 100, returned: 200)
    /// Suspended between 100 and 200, back between 300 and 400, and gone between 500 and 600.
    private let suspendedForAWhile = [
        SecretHistory.Change(to: .suspended, begun: 100, returned: 200),
        SecretHistory.Change(to: .active, begun: 300, returned: 400),
        SecretHistory.Change(to: .ended, begun: 500, returned: 600),
    ]

    @Test(
        "of a revocation that can be",
        arguments: [
            [(.valid, 0...50), (.ended, 300...400)],
            // Calls that go over the change may be answered either way.
            [(.valid, 50...400), (.ended, 50...400)],
            [(.valid, 200...300)],
            [(.ended, 90...100)],
            [(.ended, 110...130), (.valid, 120...140)],
            [(.ended, 110...130), (.valid, 130...140)],
            [(.alive, 150...160), (.valid, 150...160), (.ended, 161...170)],
            [],
        ] as [[(Verdict, ClosedRange<Int64>)]])
    func revocation(calls: [(Verdict, ClosedRange<Int64>)]) {
        #expect(history([revoked], calls).check().violations.isEmpty)
    }

    @Test(
        "of a revocation that can't be",
        arguments: [
            // Valid in a call that began after the change had returned.
            [(.valid, 201...210)],
            [(.alive, 201...210)],
            // Revoked in a call that returned before the change was begun.
            [(.ended, 90...99)],
            // Valid in a call that began after another had returned with the news, of the same reader or not.
            [(.ended, 110...130), (.valid, 131...140)],
            [(.ended, 50...130), (.alive, 131...500)],
            [(.valid, 160...161), (.ended, 120...159)],
            // What the secret never was.
            [(.suspended, 0...500)],
            [(.lacksScope, 0...500)],
            [(.foreign, 0...500)],
        ] as [[(Verdict, ClosedRange<Int64>)]])
    func brokenRevocation(calls: [(Verdict, ClosedRange<Int64>)]) {
        #expect(history([revoked], calls).check().violations.count == 1)
    }

    @Test(
        "of a suspension and what follows that can be",
        arguments: [
            [(.valid, 0...10), (.suspended, 210...290), (.valid, 410...450), (.ended, 700...710)],
            // Suspended before, or again: valid in a long call is of either side.
            [(.valid, 150...350), (.suspended, 120...140), (.suspended, 310...320)],
            [(.suspended, 150...160), (.valid, 310...320), (.ended, 510...520)],
            [(.valid, 199...201), (.suspended, 200...301)],
            [(.ended, 550...560), (.valid, 555...560)],
        ] as [[(Verdict, ClosedRange<Int64>)]])
    func suspension(calls: [(Verdict, ClosedRange<Int64>)]) {
        #expect(history(suspendedForAWhile, calls).check().violations.isEmpty)
    }

    @Test(
        "of a suspension and what follows that can't be",
        arguments: [
            // All of it while it was suspended.
            [(.valid, 210...290)],
            // Told of the suspension before it was begun, and after the return from it.
            [(.suspended, 10...20)],
            [(.suspended, 410...420)],
            // Against the order of two calls, on the way into the suspension and on the way out of it.
            [(.suspended, 110...120), (.valid, 130...290)],
            [(.valid, 310...320), (.suspended, 330...390)],
            // The end came before the return, by what others were told.
            [(.ended, 510...520), (.valid, 521...530)],
            [(.ended, 400...499)],
            [(.lacksScope, 210...290)],
        ] as [[(Verdict, ClosedRange<Int64>)]])
    func brokenSuspension(calls: [(Verdict, ClosedRange<Int64>)]) {
        #expect(history(suspendedForAWhile, calls).check().violations.count == 1)
    }

    @Test func boundsOfOneChangeAreThoseOfTheNext() {
        // Each change alone could be; but the second can't be before the first.
        let changes = [
            SecretHistory.Change(to: .suspended, begun: 100, returned: 200),
            SecretHistory.Change(to: .ended, begun: 110, returned: 300),
        ]
        let calls: [(Verdict, ClosedRange<Int64>)] = [(.valid, 180...400), (.ended, 100...170)]
        #expect(history(changes, calls).check().violations.count == 1)
    }

    @Test func aChangeThatNobodyKnowsTheEndOfMayHappenAnyTime() {
        let change = SecretHistory.Change(to: .ended, begun: 100, returned: nil)
        #expect(history([change], [(.valid, 5_000...6_000)]).check().violations.isEmpty)
        #expect(history([change], [(.ended, 5_000...6_000)]).check().violations.isEmpty)
        #expect(history([change], [(.ended, 110...120), (.valid, 5_000...6_000)]).check().violations.count == 1)
        #expect(history([change], [(.ended, 10...20)]).check().violations.count == 1)
    }

    @Test func ofManyEqualAnswersTheFirstAndTheLastDecide() {
        var told = Sighting(reader: 1, verdict: .valid, first: span(0...10))
        for time in stride(from: Int64(20), to: 180, by: 10) { told.extend(to: span(time...time + 5)) }
        #expect(told.callCount == 17)
        var good = SecretHistory(serial: 1)
        good.add(revoked)
        good.add(told)
        #expect(good.check().violations.isEmpty)
        // Somebody else knew before the last of them.
        var bad = good
        bad.add(Sighting(reader: 2, verdict: .ended, first: span(120...160)))
        #expect(bad.check().violations.count == 1)
        told.extend(to: span(201...202))
        good.add(told)
        #expect(good.check().violations.count == 1)
    }

    @Test func aChangeThatCallsSawFromBothSidesIsCounted() {
        #expect(history([revoked], [(.valid, 120...125), (.ended, 130...140)]).check().closelyWatchedCount == 1)
        #expect(history([revoked], [(.valid, 120...125), (.ended, 230...240)]).check().closelyWatchedCount == 0)
        #expect(history([revoked], [(.valid, 20...25), (.ended, 130...140)]).check().closelyWatchedCount == 0)
    }

    @Test func aViolationTellsWhoWasToldWhatAndWhen() throws {
        let history = history([revoked], [(.ended, 110...130), (.valid, 1_000_131...2_000_140)])
        let text = try #require(history.check().violations.first).description
        #expect(text.contains("secret 1: reader 1, who called at +1.000 ms and was told valid by +2.000 ms"))
        #expect(text.contains("change 1: ended, begun at +0.000 ms, returned at +0.000 ms"))
        let other = self.history([revoked], [(.ended, 110...130), (.valid, 131...140)])
        let contradiction = try #require(other.check().violations.first).description
        #expect(contradiction.contains("it became ended after reader 1, who called at"))
        #expect(contradiction.contains("and before reader 0, who called at"))
    }
}

@Suite("What a history's processes tell each other") struct HistoryBoardTests {
    @Test func aReportIsReadAsItWasWritten() {
        let sighting = Sighting(
            reader: 7, verdict: .suspended, first: CallSpan(begun: 1, returned: 2),
            last: CallSpan(begun: 3, returned: 1 << 60), callCount: 1_000_000)
        let counts = ReaderReport.Counts(answered: 1 << 40, valid: 2, failed: 3, fromMemory: 4)
        for report in [
            ReaderReport.sighting(serial: 12, sighting), .mark(reader: 8, at: 5, counts),
            .mark(reader: 8, at: .max, counts),
        ] {
            #expect(report.words.count == ReaderReport.wordCount)
            #expect(ReaderReport(words: report.words[...]) == report)
        }
        #expect(ReaderReport(words: [1, 2, 3]) == nil)
    }

    @Test func theBoardShowsWhatWasPublishedUnderItsVersionOnly() throws {
        let path = "/tmp/tokenbench-board-\(UInt32.random(in: .min ... .max))"
        let board = try Board(path: path, placeCount: 3, isNew: true)
        defer { try? FileManager.default.removeItem(atPath: path) }
        let other = try Board(path: path, placeCount: 3, isNew: false)
        #expect(other.secret(2, version: other.version(2))?.serial == 0)
        let before = other.version(2)
        board.publish(2, serial: 5, text: "clpu_secret")
        #expect(other.secret(2, version: before) == nil)
        let secret = try #require(other.secret(2, version: other.version(2)))
        #expect(secret.serial == 5 && secret.text == "clpu_secret")
        let published = other.version(2)
        board.noteChange(2)
        #expect(other.version(2) != published && other.version(2) % 2 == 0)
        #expect(other.version(1) == 0)
        #expect(!other.isStopped)
        board.stop()
        #expect(other.isStopped)
    }

    @Test func aSecretIsCheckedOnceEveryReaderHasToldAllOfIt() {
        let book = HistoryBook(readerCount: 2)
        let serial = book.begin()
        let call = CallSpan(begun: 300, returned: 310)
        book.add(.init(to: .ended, begun: 100, returned: 200), to: serial)
        book.retire(serial)
        book.take(.mark(reader: 0, at: .max, .init()))
        #expect(book.findings.checkedSecretCount == 0)
        book.take(.mark(reader: 1, at: 1, .init()))
        #expect(book.findings.checkedSecretCount == 0)
        book.take(.sighting(serial: serial, Sighting(reader: 1, verdict: .valid, first: call)))
        book.take(.mark(reader: 1, at: .max, .init()))
        #expect(book.findings.checkedSecretCount == 1)
        #expect(book.findings.violations.count == 1)
    }
}
