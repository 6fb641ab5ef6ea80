import Testing

@testable import TokenStore

/// All elements of a list, page after page. Each page has to say how many there are.
func walk<Element>(
    pageSize: Int, _ read: (ListWalk<Element>.Slice) throws -> ListPage<Element>,
    sourceLocation: SourceLocation = #_sourceLocation
) throws -> [Element] {
    var elements: [Element] = []
    var counts: Set<Int> = []
    var below: Int64? = .max
    while let position = below {
        var walk = ListWalk<Element>(below: position, pageSize: pageSize, counts: true)
        while !walk.isFinished { try walk.advance(read) }
        #expect(walk.elements.count <= pageSize, sourceLocation: sourceLocation)
        elements += walk.elements
        counts.insert(walk.admittedCount)
        below = walk.nextBelow
    }
    #expect(counts == [elements.count], sourceLocation: sourceLocation)
    return elements
}

@Suite("A page of a list, read in slices")
struct ListWalkTests {
    /// Rows with the numbers from 1 on, of which the filter admits those that a number divides.
    private final class Rows {
        var count: Int64
        var admitting: Int64
        var readCounts: [Int] = []

        init(_ count: Int64, admitting: Int64 = 1) {
            self.count = count
            self.admitting = admitting
        }

        func read(_ slice: ListWalk<Int64>.Slice) -> ListPage<Int64> {
            var page = PageBuilder<Int64>(pageSize: slice.elementCountMax, rowCountMax: slice.rowCountMax)
            var number = min(count, slice.below - 1)
            while number > 0, page.take(number, number: number, isAdmitted: number % admitting == 0) { number -= 1 }
            readCounts.append(page.finished.readCount)
            return page.finished
        }
    }

    private func finish(_ walk: inout ListWalk<Int64>, _ rows: Rows) {
        while !walk.isFinished { walk.advance(rows.read) }
    }

    @Test(arguments: [0, 1, 24, 25, 26, 199, 200, 201, 400, 1_000] as [Int64], [1, 7, 200, 5_000] as [Int64])
    func hasAllElementsOnceAndTheirNumber(count: Int64, admitting: Int64) throws {
        let rows = Rows(count, admitting: admitting)
        let all = try walk(pageSize: 25, rows.read)
        #expect(all == (0...count).reversed().filter { $0 > 0 && $0 % admitting == 0 })
    }

    @Test func noSliceReadsMoreThanItMayAndNoWalkReadsARowTwice() {
        let rows = Rows(20_000, admitting: 30_000)
        var walk = ListWalk<Int64>(below: .max, pageSize: 25, counts: true)
        finish(&walk, rows)
        #expect(rows.readCounts.allSatisfy { $0 <= ListLimits.sliceRowCountMax })
        #expect(rows.readCounts.reduce(0, +) == ListLimits.rowCountMax)
        #expect(walk.nextBelow == 10_001)
        #expect(walk.admittedCount == 0)
    }

    @Test func theCountIsOfTheNewestRowsWhicheverThePage() {
        let rows = Rows(20_000, admitting: 2)
        for below in [Int64.max, 15_000, 200, 2] {
            var walk = ListWalk<Int64>(below: below, pageSize: 25, counts: true)
            finish(&walk, rows)
            #expect(walk.admittedCount == 5_000)
        }
    }

    @Test func aCountThatIsKnownReadsOnlyThePage() {
        let rows = Rows(20_000)
        var walk = ListWalk<Int64>(below: .max, pageSize: 25, counts: false)
        finish(&walk, rows)
        #expect(rows.readCounts == [25])
        #expect(walk.nextBelow == 19_976)
    }

    @Test func whatIsAddedMeanwhileDisturbsNothing() {
        let rows = Rows(1_000, admitting: 10)
        var walk = ListWalk<Int64>(below: .max, pageSize: 100, counts: true)
        while !walk.isFinished {
            walk.advance(rows.read)
            rows.count += 50
        }
        #expect(walk.elements == (1...100).reversed().map { $0 * 10 })
        #expect(walk.admittedCount == 100)
        #expect(walk.nextBelow == 10)
    }
}
