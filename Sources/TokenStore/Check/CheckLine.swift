/// One thing that was looked at, and what was found.
package struct CheckLine: Sendable, Equatable {
    package let name: String
    package let isSound: Bool
    /// What is there; of what is not sound, what is wrong and what to do.
    package let text: String
}
