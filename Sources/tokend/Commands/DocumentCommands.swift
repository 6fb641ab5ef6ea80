import TokenServer

/// What is installed beside tokend: its manuals, and a configuration to start from.
enum DocumentCommands {
    static let commands = [manual, defaultConfiguration]

    private static let manual = Command(
        name: "man", summary: "Print the manual, tokend(8) or tokend.conf(5), for man",
        operands: [.init(name: "PAGE", help: "tokend or tokend.conf (default: tokend)", isOptional: true)],
        examples: [
            "tokend man > /usr/local/share/man/man8/tokend.8",
            "tokend man tokend.conf > /usr/local/share/man/man5/tokend.conf.5", "tokend man | man -l -",
        ]
    ) { options in
        switch options.operands.first {
        case nil, "tokend": try Daemon.printLine(DaemonPage.text)
        case "tokend.conf": try Daemon.printLine(ConfigurationPage.text)
        case let page?: throw options.problem("there is no manual “\(page)”; there are tokend and tokend.conf")
        }
        return ExitCode.success.rawValue
    }

    private static let defaultConfiguration = Command(
        name: "default-config", summary: "Print a configuration that says nothing, with every setting to say",
        details: "Every setting stands there as a comment, with what it is for and what is built in.",
        examples: ["tokend default-config > /etc/tokend/tokend.conf"]
    ) { _ in
        try Daemon.printLine(DefaultConfiguration.text)
        return ExitCode.success.rawValue
    }
}
