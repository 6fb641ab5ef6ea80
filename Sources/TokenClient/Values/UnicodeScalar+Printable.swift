internal import TokenCore

extension Unicode.Scalar {
    /// Whether a program may print it as it is: the rule by which the daemon writes its log, for programs that import
    /// this module alone.
    package var isPrintable: Bool { isHarmless }
}
