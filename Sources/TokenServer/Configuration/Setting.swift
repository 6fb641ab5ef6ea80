import TokenCore

/// A setting of the daemon. Whatever is said of it anywhere comes from here: what the file may say, its errors, help,
/// tokend.conf(5), the default file, and what `tokenctl status --verbose` shows.
package struct Setting: Sendable {
    /// What names it in the file.
    package let name: String
    /// What help calls its value.
    package let placeholder: String
    /// What its value has to be, as it follows “must be”.
    package let takes: String
    /// What is in force when nothing is said, as the file would say it; empty for nothing.
    package let builtIn: String
    /// A value to show where none is built in.
    package let example: String
    /// One line, for a list.
    package let summary: String
    /// Further sentences.
    package let details: String
    /// Whether a running daemon keeps what it was started with; else a reload puts a change in force.
    package let needsRestart: Bool
    /// Whether there may be several lines of it.
    package let isRepeatable: Bool
    /// Whether `--name` on the command line stands over the file.
    package let isOption: Bool
    /// Whether its value names a file or a directory.
    let isPath: Bool

    /// Reads a value, and sets it.
    let set: @Sendable (inout ServerConfiguration, String) throws(SettingProblem) -> Void
    /// Whether two configurations differ in it.
    let differs: @Sendable (ServerConfiguration, ServerConfiguration) -> Bool
    /// Gives the second configuration what the first has.
    let copy: @Sendable (ServerConfiguration, inout ServerConfiguration) -> Void

    /// A setting of one value.
    init<Value: Equatable & Sendable>(
        _ name: String, _ value: any WritableKeyPath<ServerConfiguration, Value> & Sendable, _ form: SettingForm<Value>,
        builtIn: String = "", example: String = "", needsRestart: Bool = false, isOption: Bool = false,
        summary: String, details: String = ""
    ) {
        self.init(
            name: name, form: form, builtIn: builtIn, example: example, summary: summary, details: details,
            needsRestart: needsRestart, isRepeatable: false, isOption: isOption, value: value
        ) { configuration, text throws(SettingProblem) in
            configuration[keyPath: value] = try form.parse(text)
        }
    }

    /// A setting of a list, with a line for each element.
    init<Element: Equatable & Sendable>(
        _ name: String, list: any WritableKeyPath<ServerConfiguration, [Element]> & Sendable, countMax: Int,
        _ form: SettingForm<Element>, example: String, summary: String, details: String = ""
    ) {
        self.init(
            name: name, form: form, builtIn: "", example: example, summary: summary, details: details,
            needsRestart: false, isRepeatable: true, isOption: false, value: list
        ) { configuration, text throws(SettingProblem) in
            if configuration[keyPath: list].count == countMax { throw SettingProblem("is one more than \(countMax)") }
            configuration[keyPath: list].append(try form.parse(text))
        }
    }

    private init<Form, Value: Equatable & Sendable>(
        name: String, form: SettingForm<Form>, builtIn: String, example: String, summary: String, details: String,
        needsRestart: Bool, isRepeatable: Bool, isOption: Bool,
        value: any WritableKeyPath<ServerConfiguration, Value> & Sendable,
        set: @escaping @Sendable (inout ServerConfiguration, String) throws(SettingProblem) -> Void
    ) {
        self.name = name
        placeholder = form.placeholder
        takes = form.takes
        isPath = form.isPath
        self.builtIn = builtIn
        self.example = example
        self.summary = summary
        self.details = details
        self.needsRestart = needsRestart
        self.isRepeatable = isRepeatable
        self.isOption = isOption
        self.set = set
        differs = { $0[keyPath: value] != $1[keyPath: value] }
        copy = { $1[keyPath: value] = $0[keyPath: value] }
    }
}
