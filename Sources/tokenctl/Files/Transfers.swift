import Glibc

/// Writes all of the bytes, and waits for room where the descriptor would not, as a pipe that others share may be.
///
/// - Returns: 0, or what kept it from that, as errno(3) has it.
func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var rest = bytes[...]
    while let start = UnsafeRawBufferPointer(rebasing: rest).baseAddress, !rest.isEmpty {
        let count = write(descriptor, start, rest.count)
        let code = errno
        if count >= 0 {
            rest = rest.dropFirst(count)
        } else if code == EAGAIN {
            var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            poll(&room, 1, -1)
        } else if code != EINTR {
            return code
        }
    }
    return 0
}

/// Reads what there is, and waits for it where the descriptor would not.
///
/// - Returns: How many bytes, 0 at the end, or -1: errno says why.
func readSome(_ descriptor: Int32, into room: UnsafeMutableRawBufferPointer) -> Int {
    while true {
        let count = read(descriptor, room.baseAddress, room.count)
        if count >= 0 { return count }
        if errno == EAGAIN {
            var input = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            poll(&input, 1, -1)
        } else if errno != EINTR {
            return -1
        }
    }
}
