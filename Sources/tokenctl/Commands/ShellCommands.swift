/// What a person installs beside tokenctl: the manual, and completion for the shell.
enum ShellCommands {
    static let commands = [completion, manual]

    private static let shells = ["bash", "zsh", "fish"]

    private static let completion = Command(
        path: ["completion"], caller: .none, summary: "Print the script by which a shell completes tokenctl's words",
        operands: [.init(name: "SHELL", help: "bash, zsh or fish", completion: .words(shells))],
        examples: [
            "source <(tokenctl completion bash)",
            "tokenctl completion zsh > /usr/local/share/zsh/site-functions/_tokenctl",
            "tokenctl completion fish > ~/.config/fish/completions/tokenctl.fish",
        ]
    ) { invocation in
        let shell = try invocation.operand(0)
        switch shell {
        case "bash": Terminal.printLine(BashCompletion.script)
        case "zsh": Terminal.printLine(ZshCompletion.script)
        case "fish": Terminal.printLine(FishCompletion.script)
        default:
            throw invocation.problem(
                "“\(shell)” is not bash, zsh or fish\(Suggestion.nearest(to: shell, in: shells))")
        }
        return .success
    }

    private static let manual = Command(
        path: ["man"], caller: .none, summary: "Print the manual, tokenctl(1), for man",
        examples: ["tokenctl man > /usr/local/share/man/man1/tokenctl.1", "tokenctl man | man -l -"]
    ) { _ in
        Terminal.printLine(ManPage.text)
        return .success
    }
}
