import Glibc

/// A system call that failed: which one, and its `errno`.
package struct SystemError: Error, Equatable {
    /// The call's name, as in its man page.
    package let call: String
    /// See errno(3).
    package let code: Int32

    package init(_ call: String, code: Int32) {
        self.call = call
        self.code = code
    }

    /// The disk is full, or a quota is reached: it may pass, and nothing is broken.
    package var isForWantOfRoom: Bool { code == ENOSPC || code == EDQUOT }

    /// Reads `errno`, so it must be made on the line after the call: any later call may change it.
    package static func last(_ call: String) -> SystemError {
        SystemError(call, code: errno)
    }
}

extension SystemError: CustomStringConvertible {
    package var description: String {
        "\(call): \(String(cString: strerror(code)))"
    }
}

/// Repeats a call that a signal interrupted (EINTR, see signal(7)).
///
/// Always inlined: between the call and the reading of `errno` nothing may retain or release.
@inline(__always)
package func retryingInterrupted(_ body: () -> Int) -> Int {
    while true {
        let result = body()
        if result != -1 || errno != EINTR { return result }
    }
}
