/// How to find the epoch page, and how to check that it is the right one.
package struct GetCachePageResponse: WireMessage, Equatable, Sendable {
    /// In the directory of the socket.
    package var fileName: String
    /// 16 bytes.
    package var pageID: [UInt8]
    package var daemonUID: UInt32
    /// The daemon's CLOCK_BOOTTIME in nanoseconds.
    package var bootTimeNanoseconds: Int64

    package init(fileName: String = "", pageID: [UInt8] = [], daemonUID: UInt32 = 0, bootTimeNanoseconds: Int64 = 0) {
        self.fileName = fileName
        self.pageID = pageID
        self.daemonUID = daemonUID
        self.bootTimeNanoseconds = bootTimeNanoseconds
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, fileName)
        sink.bytes(2, pageID.span)
        sink.uint32(3, daemonUID)
        sink.int64(4, bootTimeNanoseconds)
    }
}

extension GetCachePageResponse {
    /// A received `GetCachePageResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var fileName: UTF8Span
        package private(set) var pageID: Span<UInt8>
        package private(set) var daemonUID: UInt32 = 0
        package private(set) var bootTimeNanoseconds: Int64 = 0

        @_lifetime(immortal)
        package init() {
            fileName = .empty
            pageID = Span()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): fileName = try reader.text()
                case (2, .lengthDelimited): pageID = try reader.lengthDelimited()
                case (3, .varint): daemonUID = try reader.uint32()
                case (4, .varint): bootTimeNanoseconds = try reader.int64()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        fileName = String(copying: view.fileName)
        pageID = [UInt8](copying: view.pageID)
        daemonUID = view.daemonUID
        bootTimeNanoseconds = view.bootTimeNanoseconds
    }
}

package typealias GetCachePageRequest = EmptyMessage
