extension Unicode.Scalar {
    /// Whether it is nothing that a terminal would obey, that changes how the text around it is shown, or that a reader would
    /// take for another line.
    package var isHarmless: Bool {
        // Most texts are ASCII, whose controls are known without a look into Unicode's tables.
        if isASCII { return value >= 0x20 && value != 0x7f }
        return switch properties.generalCategory {
        // The bidirectional controls are among `format`.
        case .control, .format, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
