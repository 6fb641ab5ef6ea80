import TokenStore
import TokenWire

/// One page of a list as its caller asked for it, and how many elements there are.
struct ListWork<Element: ListElement, Answer: WireMessage>: SlicedWork {
    typealias Slice = ListWalk<Element>.Slice

    private let dispatcher: Dispatcher
    private let cursor: PageCursor
    private var walk: ListWalk<Element>
    private let read: (Slice) throws -> ListPage<Element>
    /// How many elements there are, if that is known without reading them.
    private let count: (() throws -> Int)?
    /// Finds out once more whether the caller may see it; false if the caller is another by now.
    private let judge: (CallContext) throws -> Bool
    private(set) var heldByteCount = 1_024
    private let make: (_ elements: [Element], _ nextPageToken: String, _ totalSize: Int32) -> Answer

    init(
        _ dispatcher: Dispatcher, _ cursor: PageCursor, _ pageToken: UTF8Span, pageSize: Int,
        read: @escaping (Slice) throws -> ListPage<Element>, count: (() throws -> Int)?,
        judge: @escaping (CallContext) throws -> Bool, make: @escaping ([Element], String, Int32) -> Answer
    ) throws(Refusal) {
        self.dispatcher = dispatcher
        self.cursor = cursor
        walk = ListWalk(below: try cursor.position(pageToken), pageSize: pageSize, counts: count == nil)
        self.read = read
        self.count = count
        self.judge = judge
        self.make = make
    }

    mutating func advance(_ context: CallContext) throws -> Bool {
        let heldCount = walk.elements.count
        try walk.advance(read)
        for element in walk.elements[heldCount...] { heldByteCount += element.heldByteCount }
        return walk.isFinished
    }

    func judgeAgain(_ context: CallContext) throws {
        if try !judge(context) { throw Refusal.unauthorized }
    }

    func answer(streamID: UInt32, into output: inout WireBuffer) throws {
        let total = try count?() ?? walk.admittedCount
        let message = make(walk.elements, walk.nextBelow.map(cursor.text) ?? "", Int32(clamping: total))
        dispatcher.answer(streamID, message, &output)
    }
}
