import LinuxIO
import TokenCore
import TokenStore

/// What a setting takes: how help calls it, what it has to be, and how it is read.
struct SettingForm<Value: Equatable & Sendable>: Sendable {
    let placeholder: String
    /// As it follows “must be”.
    let takes: String
    /// Whether it names a file or a directory.
    private(set) var isPath = false
    let parse: @Sendable (String) throws(SettingProblem) -> Value

    /// A form whose only fault is that a text is not of it.
    init(_ placeholder: String, takes: String, read: @escaping @Sendable (String) -> Value?) {
        self.init(placeholder, takes: takes) { text throws(SettingProblem) in
            guard let value = read(text) else { throw SettingProblem("must be \(takes)") }
            return value
        }
    }

    init(
        _ placeholder: String, takes: String,
        parse: @escaping @Sendable (String) throws(SettingProblem) -> Value
    ) {
        self.placeholder = placeholder
        self.takes = takes
        self.parse = parse
    }

    /// The same for a setting that may have no value.
    var optional: SettingForm<Value?> {
        let parse = parse
        var form = SettingForm<Value?>(placeholder, takes: takes) { text throws(SettingProblem) in try parse(text) }
        form.isPath = isPath
        return form
    }
}

extension SettingForm where Value == String {
    static func path(_ placeholder: String) -> Self {
        var form = Self(placeholder, takes: "an absolute path") { $0.hasPrefix("/") ? $0 : nil }
        form.isPath = true
        return form
    }

    /// Where to listen. The operator's socket lies beside it, and both paths have to fit into an address.
    static func socketPath(_ placeholder: String) -> Self {
        var form = Self(placeholder, takes: "an absolute path") { text throws(SettingProblem) in
            if !text.hasPrefix("/") { throw SettingProblem("must be an absolute path") }
            let name = text.split(separator: "/", omittingEmptySubsequences: false).last ?? ""
            let operatorName = ServerConfiguration.operatorSocketName
            if name == operatorName {
                throw SettingProblem("is the operator's socket, which lies beside this one; name it tokend.sock")
            }
            let byteCount = text.utf8.count - name.utf8.count + max(name.utf8.count, operatorName.utf8.count)
            if byteCount > UnixAddress.pathByteCountMax {
                throw SettingProblem(
                    "is too long: its path, and that of \(operatorName) beside it, may have "
                        + "\(UnixAddress.pathByteCountMax) bytes; name a shorter one")
            }
            return text
        }
        form.isPath = true
        return form
    }
}

extension SettingForm where Value: FixedWidthInteger {
    /// A number; what is kept is that many units.
    static func number(in range: ClosedRange<Value>, of unit: Value = 1) -> Self {
        Self("N", takes: "a number from \(range.lowerBound) to \(range.upperBound)") { text in
            guard let number = Value(text), range.contains(number) else { return nil }
            return number * unit
        }
    }
}

extension SettingForm where Value == Int {
    static var retentionDays: Self {
        let (daysMin, daysMax) = (Int(PruneEvents.retentionDaysMin), 36_500)
        return Self("N", takes: "a number of days from \(daysMin) to \(daysMax)") { text throws(SettingProblem) in
            guard let days = Int(text), (1...daysMax).contains(days) else {
                throw SettingProblem("must be a number of days up to \(daysMax)")
            }
            if days < daysMin {
                throw SettingProblem(
                    "the audit is kept for at least \(daysMin) days", isRetentionBelowMinimum: true)
            }
            return days
        }
    }
}

extension SettingForm where Value == Int64 {
    /// A duration, in seconds.
    static var lifetime: Self {
        let range: ClosedRange<Int64> = 60...36_500 * 86_400
        return Self("DURATION", takes: "a duration such as 90d or 12h, from 1m to 36500d") { text in
            guard let seconds = DurationText.parse(text), range.contains(seconds) else { return nil }
            return seconds
        }
    }
}

extension SettingForm where Value == TokenPrefixes {
    static var prefixes: Self {
        let form = "1 to \(TokenPrefixes.countMax) prefixes of 2 to 4 lower-case letters, with spaces between"
        return Self("PREFIX ...", takes: form) { text throws(SettingProblem) in
            do throws(TokenPrefixes.Failure) {
                return try TokenPrefixes(text.split(separator: " ").map(String.init))
            } catch {
                if case .taken(let prefix) = error {
                    throw SettingProblem("has \(prefix), with which ids of the product begin; take another one")
                }
                throw SettingProblem("must be \(form)")
            }
        }
    }
}

extension SettingForm where Value == PeerGrant {
    /// Users and groups are looked up on this host.
    static var grant: Self {
        Self("WHO RIGHT WORKSPACE ...", takes: PeerGrant.form) { text throws(SettingProblem) in
            try PeerGrant(text: text, find: find)
        }
    }

    private static func find(_ name: PeerGrant.Name) throws(SettingProblem) -> UInt32? {
        do throws(SystemError) {
            switch name {
            case .user(let name): return try AccountDatabase.userID(named: name)
            case .group(let name): return try AccountDatabase.groupID(named: name)
            }
        } catch {
            throw SettingProblem("users and groups could not be looked up (\(error)); try again, or give a number")
        }
    }
}

extension SettingForm {
    /// One of a few values, by its name.
    static func choice(of values: [Value], _ name: @Sendable (Value) -> String) -> Self {
        let choices = values.map { (name: name($0), value: $0) }
        let names = choices.map(\.name).joined(separator: ", ")
        return Self(values.map(name).joined(separator: "|"), takes: "one of \(names)") { text in
            choices.first { $0.name == text }?.value
        }
    }
}
