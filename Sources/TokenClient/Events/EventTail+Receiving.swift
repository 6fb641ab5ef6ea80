internal import LinuxIO
internal import TokenWire

/// Reading what the daemon sends on the one stream of the connection.
extension EventTail {
    func receive(_ connection: Connection) throws(TokenError) -> Progress {
        try wait(until: silentUntil, for: connection)
        switch connection.receive(into: &incoming) {
        case .bytes: return takeFrames()
        case .wouldBlock: return .now >= silentUntil ? .lost(silence) : .goOn
        case .ended, .failed: return .lost(ended)
        }
    }

    private func takeFrames() -> Progress {
        while let header = FrameHeader(decoding: incoming.span) {
            guard header.byteCountOfBody <= UInt32(WireLimits.frameBodyByteCountMax) else {
                let problem = "a frame of \(header.byteCountOfBody) bytes, more than the protocol allows"
                return .failed(.protocolViolation(problem))
            }
            if incoming.count < header.byteCountOfFrame { break }
            let result = take(header, incoming.span.extracting(FrameHeader.byteCount..<header.byteCountOfFrame))
            incoming.consume(header.byteCountOfFrame)
            guard case .goOn = result else { return result }
        }
        return .goOn
    }

    private func take(_ header: FrameHeader, _ body: Span<UInt8>) -> Progress {
        guard header.streamID == Self.streamID else {
            return .failed(.protocolViolation("the daemon answers a stream that was not begun"))
        }
        do throws(WireError) {
            switch header.type {
            case .data where header.flags.contains(.noData):
                return .lost(ended)
            case .data:
                if let error = accept(try TailEventsResponse.View(body)) { return .failed(error) }
                silentUntil = Moment.now.adding(stream.patience.silence)
                return .goOn
            case .response:
                return end(try ResponseEnvelope.View(body).status)
            default:
                return .goOn
            }
        } catch {
            return .failed(
                .protocolViolation("the daemon's message can't be read: \(error.code) at byte \(error.byteOffset)"))
        }
    }

    /// The daemon ends the stream with a status.
    private func end(_ status: Status.View) -> Progress {
        switch status.code {
        case .ok: .failed(.protocolViolation("the daemon answers a stream as a call"))
        // Of all codes the one that passes by itself.
        case .unavailable: .lost(TokenError(Status(copying: status)))
        default: .failed(TokenError(Status(copying: status)))
        }
    }

    /// Why a stream that ended has to be begun again.
    private var ended: TokenError {
        .connectionFailed("tokend ends the connection on \(stream.settings.address.path): it stops, or takes no more")
    }
}
