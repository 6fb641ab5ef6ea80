import Testing

@testable import TokenWire

@Suite struct WireBufferTests {
    /// Random steps, against an array that does the same.
    @Test func holdsWhatWasAppendedAndNotConsumed() {
        var generator = SeededGenerator(state: 42)
        var buffer = WireBuffer(capacity: 64)
        var model: [UInt8] = []
        for step in 0..<5000 {
            switch Int.random(in: 0..<8, using: &generator) {
            case 0...3:
                let bytes = (0..<Int.random(in: 0..<90, using: &generator)).map { UInt8(truncatingIfNeeded: $0 + step) }
                buffer.append(bytes.span)
                model += bytes
            case 4...5:
                let count = Int.random(in: 0...model.count, using: &generator)
                buffer.consume(count)
                model.removeFirst(count)
            case 6:
                let count = Int.random(in: 0...model.count, using: &generator)
                buffer.truncate(to: count)
                model.removeLast(model.count - count)
            default:
                let room = Int.random(in: 0..<50, using: &generator)
                buffer.append(upTo: room) { memory in
                    for index in 0..<room / 2 { memory[index] = 9 }
                    return room / 2
                }
                model += [UInt8](repeating: 9, count: room / 2)
            }
            let held = [UInt8](copying: buffer.span)
            let capacity = buffer.capacity
            #expect(held == model)
            #expect(capacity >= model.count)
        }
    }

    @Test func memoryStaysAfterUseUntilItIsShrunk() {
        var buffer = WireBuffer(capacity: 128)
        buffer.append([UInt8](repeating: 1, count: 100_000).span)
        buffer.shrink(toCapacity: 128)
        let inUse = buffer.capacity
        #expect(inUse >= 100_000)
        buffer.removeAll()
        let kept = buffer.capacity
        #expect(kept == inUse)
        buffer.shrink(toCapacity: 128)
        let shrunk = buffer.capacity
        #expect(shrunk == 128)
    }

    @Test func consumingAtTheFrontDoesNotGrowTheMemory() {
        var buffer = WireBuffer(capacity: 256)
        for _ in 0..<1000 {
            buffer.append([UInt8](repeating: 7, count: 100).span)
            buffer.consume(buffer.count - 10)
        }
        let capacity = buffer.capacity
        #expect(capacity == 256)
    }

    @Test func aMessageTooLargeForAFrameIsRefusedAndLeavesNothing() throws {
        var buffer = WireBuffer()
        let most = WireLimits.frameBodyByteCountMax - 1 - ByteCounter.byteCount(ofVarint: 4 << 20)
        try buffer.appendResponse(stream: 1, payloadBytes: [UInt8](repeating: 0, count: most).span)
        let header = FrameHeader(decoding: buffer.span)
        #expect(header?.byteCountOfBody == UInt32(WireLimits.frameBodyByteCountMax))
        buffer.removeAll()
        let error = WireError(.messageTooLarge, at: 0)
        let large = SecretTokenResponse(secret: String(repeating: "x", count: most + 1))
        #expect(throws: error) { try buffer.appendResponse(stream: 1, payloadBytes: large.encoded().span) }
        #expect(throws: error) { try buffer.appendResponse(stream: 1, payload: large) }
        #expect(throws: error) {
            try buffer.appendData(stream: 1, payload: SecretTokenResponse(secret: large.secret + "12345678"))
        }
        #expect(throws: error) { try buffer.appendRequest(stream: 1, method: .revokeToken, payload: large) }
        let isEmpty = buffer.isEmpty
        #expect(isEmpty)
    }

    @Test func aStatusTooLargeForAFrameIsSentAsItsCode() throws {
        var buffer = WireBuffer()
        let detail = KeyValue(key: "k", value: String(repeating: "x", count: 5 << 20))
        buffer.appendResponse(
            stream: 1, status: Status(.internal, message: "m", traceID: "t", metadata: [detail]))
        buffer.consume(FrameHeader.byteCount)
        let view = try ResponseEnvelope.View(buffer.span)
        let status = Status(copying: view.status)
        #expect(status == Status(code: .internal, message: ""))
    }
}
