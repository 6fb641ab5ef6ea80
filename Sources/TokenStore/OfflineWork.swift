/// What a command of the host's operator opens a store for, while no daemon has it.
package struct OfflineWork: Sendable {
    /// The operator accepts that the store ends at this event and lacks those behind it: see `AcceptRollback`.
    package var acceptedSequence: Int64?
    /// The wall clock is right, whatever the store's mark says: see `ResetClock`.
    package var resetsClock = false

    package init(acceptedSequence: Int64? = nil, resetsClock: Bool = false) {
        self.acceptedSequence = acceptedSequence
        self.resetsClock = resetsClock
    }
}
