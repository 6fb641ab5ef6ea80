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
            guard !isForbidden(scalar) else { throw .forbidden(scalar) }
        }
    }

    private static func isForbidden(_ scalar: Unicode.Scalar) -> Bool {
        // Most names are ASCII, whose controls are known without a look into Unicode's tables.
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7f }
        return switch scalar.properties.generalCategory {
        // The bidirectional controls are among `format`.
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
