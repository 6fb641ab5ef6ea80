/// Has every answer forgotten that anybody keeps, though no token has changed: what peers may see has, which a client's
/// memory does not know of.
package struct ForgetAnswers: Operation {
    package init() {}

    package func perform(in transaction: WriteTransaction) throws(ChangeFailure) {
        transaction.touchAll()
    }
}
