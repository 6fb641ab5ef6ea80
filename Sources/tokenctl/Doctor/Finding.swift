/// What doctor found out about one thing, and what to do about it.
struct Finding: Equatable {
    enum Level: String {
        case ok
        /// It works, and it is not as it should be.
        case warning
        case problem
    }

    let level: Level
    /// What was looked at, in a word.
    let subject: String
    let text: String
    var remedy: String?

    static func ok(_ subject: String, _ text: String) -> Finding {
        Finding(level: .ok, subject: subject, text: text)
    }

    static func warning(_ subject: String, _ text: String, remedy: String) -> Finding {
        Finding(level: .warning, subject: subject, text: text, remedy: remedy)
    }

    static func problem(_ subject: String, _ text: String, remedy: String) -> Finding {
        Finding(level: .problem, subject: subject, text: text, remedy: remedy)
    }

    /// What the client says as “what happened; what to do”. Where it says not what to do, this remedy does.
    static func problem(
        _ subject: String, saying message: String, remedy: String = "look at the daemon's log: journalctl -u tokend"
    ) -> Finding {
        let message = ErrorText.inWordsOfTheCommandLine(message)
        guard let place = message.ranges(of: "; ").last else { return .problem(subject, message, remedy: remedy) }
        return .problem(
            subject, String(message[..<place.lowerBound]), remedy: String(message[place.upperBound...]))
    }
}

extension Finding {
    var json: JSON {
        .object([
            ("subject", .string(subject)), ("level", .string(level.rawValue)), ("finding", .string(text)),
            ("remedy", .optional(remedy)),
        ])
    }

    /// A line, and the remedy below it.
    func lines(subjectWidth: Int) -> [String] {
        let mark = level.rawValue.padded(to: Level.width)
        let style: Terminal.Style = level == .ok ? .good : level == .warning ? .strong : .bad
        let indentation = String(repeating: " ", count: Level.width + subjectWidth + 4)
        return ["\(Terminal.styled(mark, style))  \(subject.padded(to: subjectWidth))  \(text)"]
            + (remedy.map { [indentation + "→ " + $0] } ?? [])
    }
}

extension Finding.Level {
    fileprivate static let width = "problem".count
}
