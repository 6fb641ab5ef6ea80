package import TokenCore

/// Why changes fail that are well-formed and allowed. It may pass, and verifications go on.
package struct StoreHindrance: Sendable, Equatable {
    package enum Cause: Sendable, Equatable {
        /// What takes rights away is done all the same, as far as the reserve goes.
        case fullDisk
        /// It went so far: what takes rights away has not been done either.
        case reserveSpent
        /// As SQLite says it.
        case other(String)
    }

    package let cause: Cause
    /// From the first change that failed for it on.
    package let since: Instant

    /// Tokens can be revoked all the same, as far as is known.
    package var allowsRevoking: Bool { cause != .reserveSpent }

    /// What is the matter with the store in `directory`, and what to do.
    package func text(directory: String) -> String {
        switch cause {
        case .fullDisk:
            "the disk is full, so that tokens verify and can be revoked and nothing else changes; make room in \(directory)"
        case .reserveSpent:
            "the disk is full, and not even a revocation fits: tokens verify and nothing changes; make room in \(directory)"
        case .other(let text):
            "\(text); see whether the disk of \(directory) is well"
        }
    }
}
