import Glibc

extension Invocation {
    /// Whether to do what can't be undone: `--yes` says so, else the person at the terminal is asked.
    ///
    /// - Throws: When there is neither: a script has to say `--yes`.
    func confirm(_ question: String) throws -> Bool {
        if has("--yes") { return true }
        guard isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 else {
            throw problem("\(command.name) can't be undone, and there is no terminal to ask on: say --yes")
        }
        Terminal.write("\(question) [y/N] ", to: .errors)
        let answer = readLine()?.lowercased()
        if answer == "y" || answer == "yes" { return true }
        Terminal.remark("nothing was changed")
        return false
    }
}
