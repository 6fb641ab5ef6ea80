import LinuxIO
import TokenWire

/// What one read brings when nothing is left over, and the replies of one turn. Of the loop, for one connection after
/// the other: empty between turns.
struct TurnBuffers: ~Copyable {
    var input = WireBuffer(capacity: ServerLimits.readByteCountMax)
    var output = WireBuffer(capacity: ServerLimits.readByteCountMax)
    var lookahead = Lookahead()

    mutating func empty() {
        input.removeAll()
        lookahead.forget()
        output.removeAll()
        output.shrink(toCapacity: ServerLimits.bufferByteCountKept)
    }
}

/// For two connections: one is read while the other has yet to be answered.
struct TurnBuffersPair: ~Copyable {
    var answered = TurnBuffers()
    var read = TurnBuffers()

    /// What was read is answered next.
    mutating func turn() {
        swap(&answered, &read)
    }
}

extension WireBuffer {
    /// Appends what one read brings.
    mutating func receive(from descriptor: Int32) -> Transfer {
        var transfer = Transfer.wouldBlock
        append(upTo: ServerLimits.readByteCountMax) { room in
            transfer = LinuxIO.receive(descriptor, into: room)
            return if case .bytes(let count) = transfer { count } else { 0 }
        }
        return transfer
    }
}
