/// Names that people give to tokens and accounts.
///
/// 1 to 100 Unicode scalars in at most 400 bytes, none that is invisible and changes how the text around it is shown.
/// Two names are the same when their bytes are: Swift's `==` on String would take two spellings of é for one.
package enum NameRule {
    package static let scalarCountMax = 100
    package static let byteCountMax = 400

    package enum Refusal: Error, Equatable, Sendable {
        case empty
        case tooManyScalars
        case tooManyBytes
        /// A control, format or bidirectional character, or a line or paragraph separator.
        case forbidden(Unicode.Scalar)
    }

    package static func check(_ name: String) throws(Refusal) {
        guard !name.utf8.isEmpty else { throw .empty }
        guard name.utf8.count <= byteCountMax else { throw .tooManyBytes }
        var scalarCount = 0
        for scalar in name.unicodeScalars {
            scalarCount += 1
            guard scalarCount <= scalarCountMax else { throw .tooManyScalars }
            guard scalar.isHarmless else { throw .forbidden(scalar) }
        }
    }
}
