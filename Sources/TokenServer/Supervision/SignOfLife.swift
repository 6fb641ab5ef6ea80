import TokenStore

/// A change that changes nothing: it goes the way of all changes, through the queue, a transaction and its COMMIT.
struct SignOfLife: Operation {
    var mayUseReserve: Bool { true }

    func perform(in transaction: WriteTransaction) throws(ChangeFailure) {}
}
