/// Part of a list, newest first, and where it goes on.
package struct ListPage<Element: Sendable>: Sendable {
    package let elements: [Element]
    /// The number below which the next part begins; none on the last.
    package let nextBelow: Int64?
    /// Of the rows that were read for it, those too that the filter left out.
    package let readCount: Int
}

/// What a page of any list may cost.
package enum ListLimits {
    /// A page reads no more rows than this and may come back short.
    package static let rowCountMax = 10_000
    /// Rows read at once, some 300 µs: between two such slices a loop sees to others.
    package static let sliceRowCountMax = 200
}

/// Reads a page of a list, and how many elements there are, in slices: none holds up a loop for long, and between two no
/// statement is open that would pin a snapshot.
///
/// Rows come by falling numbers, and a new row has a higher number than all others: so what is added meanwhile lies behind
/// the walk, and no row comes twice or is passed over. Each is shown and counted as it is when it is read.
package struct ListWalk<Element: Sendable>: Sendable {
    /// What one slice reads.
    package struct Slice: Sendable {
        package let below: Int64
        package let elementCountMax: Int
        package let rowCountMax: Int
    }

    private enum Stage {
        case page
        case count
        case end
    }

    package private(set) var elements: [Element] = []
    /// The number below which the next page begins; none on the last.
    package private(set) var nextBelow: Int64?
    /// Of the newest rows, `rowCountMax` of them, how many the filter admits. Not known of a walk that does not count.
    package private(set) var admittedCount = 0
    private let pageSize: Int
    private let counts: Bool
    private let isFirstPage: Bool
    private var stage = Stage.page
    private var position: Int64
    /// In this stage.
    private var readCount = 0

    /// The page begins below a number. All rows that the count is of are read only for a walk that counts: their number may
    /// be known without.
    package init(below: Int64, pageSize: Int, counts: Bool) {
        position = below
        self.pageSize = pageSize
        self.counts = counts
        isFirstPage = below == .max
    }

    package var isFinished: Bool { stage == .end }

    /// Reads the next slice. Repeat until it is finished.
    package mutating func advance<Failure: Error>(
        _ read: (Slice) throws(Failure) -> ListPage<Element>
    ) throws(Failure) {
        if stage == .end { return }
        let isPage = stage == .page
        let part = try read(
            Slice(
                below: position, elementCountMax: isPage ? pageSize - elements.count : .max,
                rowCountMax: min(ListLimits.sliceRowCountMax, ListLimits.rowCountMax - readCount)))
        readCount += part.readCount
        if isPage { elements += part.elements } else { admittedCount += part.elements.count }
        if let next = part.nextBelow, readCount < ListLimits.rowCountMax, !isPage || elements.count < pageSize {
            position = next
        } else if isPage {
            endPage(part.nextBelow)
        } else {
            stage = .end
        }
    }

    private mutating func endPage(_ next: Int64?) {
        nextBelow = next
        stage = counts ? .count : .end
        if isFirstPage {
            // Its rows are the newest: the count goes on behind them.
            admittedCount = elements.count
            guard let next, readCount < ListLimits.rowCountMax else { return stage = .end }
            position = next
        } else {
            position = .max
            readCount = 0
        }
    }
}

/// Collects a page from rows given newest first.
struct PageBuilder<Element: Sendable> {
    private let pageSize: Int
    private let rowCountMax: Int
    private var elements: [Element] = []
    private var readCount = 0
    private var lastNumber: Int64?
    private var isCutShort = false

    init(pageSize: Int, rowCountMax: Int) {
        self.pageSize = pageSize
        self.rowCountMax = rowCountMax
    }

    /// False when the page is finished: the row given then belongs to the next one.
    mutating func take(_ element: @autoclosure () -> Element, number: Int64, isAdmitted: Bool) -> Bool {
        if elements.count == pageSize || readCount == rowCountMax {
            isCutShort = true
            return false
        }
        readCount += 1
        lastNumber = number
        if isAdmitted { elements.append(element()) }
        return true
    }

    var finished: ListPage<Element> {
        ListPage(elements: elements, nextBelow: isCutShort ? lastNumber : nil, readCount: readCount)
    }
}
