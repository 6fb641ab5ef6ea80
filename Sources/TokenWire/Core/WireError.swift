/// Why received bytes are not the message they should be.
package struct WireError: Error, Equatable {
    /// What is wrong.
    package enum Code: Sendable, CaseIterable {
        /// The bytes end inside a value.
        case truncated
        /// A varint of more than 10 bytes, or one whose value needs more than 64 bits.
        case varintTooLong
        /// Field number 0 or above 2^29 - 1.
        case invalidFieldNumber
        /// Wire type 6 or 7.
        case invalidWireType
        /// The end of a group that was not open, or not the innermost one.
        case unmatchedGroupEnd
        /// More than `WireLimits.groupDepthMax` groups inside each other.
        case nestingTooDeep
        /// A string that is not UTF-8.
        case invalidUTF8
        /// A repeated field with more elements than its limit.
        case tooManyElements
        /// A message to be sent that is larger than a frame may be.
        case messageTooLarge
    }

    package var code: Code
    /// First byte at fault, counted from the start of the payload even inside nested messages.
    package var byteOffset: Int

    package init(_ code: Code, at byteOffset: Int) {
        self.code = code
        self.byteOffset = byteOffset
    }

    /// What a server answers: INVALID_ARGUMENT, or RESOURCE_EXHAUSTED where a limit was passed.
    package var statusCode: StatusCode {
        switch code {
        case .tooManyElements, .messageTooLarge: .resourceExhausted
        default: .invalidArgument
        }
    }
}
