import TokenServer

/// The configuration that a package installs: every setting as a comment, so that nothing differs from what is built in.
enum DefaultConfiguration {
    static var text: String {
        ([head] + Setting.all.map(paragraph)).joined(separator: "\n\n")
    }

    private static let head = """
        # The configuration of tokend, see tokend.conf(5). Nothing is set here: each setting stands as a comment, with what
        # is built in or else an example.
        #
        # After a change: tokenctl reload. It says what is in force now, and what waits for a restart.
        """

    private static func paragraph(about setting: Setting) -> String {
        let text = [
            setting.sentence, setting.details, setting.needsRestart ? "A change waits for a restart." : "",
            setting.builtIn.isEmpty ? "Built in: none." : "",
        ].filter { !$0.isEmpty }.joined(separator: " ")
        return (text.wrapped(110).map { "# \($0)" } + ["#\(setting.line)"]).joined(separator: "\n")
    }
}

extension Setting {
    /// The summary as a sentence.
    var sentence: String { summary.prefix(1).uppercased() + summary.dropFirst() + "." }
}
