import LinuxIO
package import TokenCore
import TokenStore

// The file: `key = value` lines; `#` begins a comment.

extension ServerConfiguration {
    private static let lifetimeSecondsRange: ClosedRange<Int64> = 60...36_500 * 86_400
    private static let changeCountMax = 1_000_000
    private static let retentionDaysMax = 36_500
    private static let grantCountMax = 1_000

    /// Sets what the text of a configuration file sets. Nothing is changed when any line of it is wrong. Users and groups
    /// are looked up on this host.
    package mutating func apply(_ text: String, file: String) throws(ConfigurationProblem) {
        var configuration = self
        var seen: Set<Setting> = []
        for line in try ConfigurationText(text, file: file).lines {
            let (name, value) = try line.pair()
            guard let setting = Setting(rawValue: name) else { throw line.problem(Self.unknownSetting(name)) }
            if !seen.insert(setting).inserted && !setting.isRepeatable {
                throw line.problem("\(name) is set twice; keep one")
            }
            do throws(SettingProblem) {
                try configuration.set(setting, value)
            } catch {
                throw line.problem("\(name): \(error.message)")
            }
        }
        self = configuration
    }

    private mutating func set(_ setting: Setting, _ value: String) throws(SettingProblem) {
        switch setting {
        case .store: storeDirectory = try Self.path(value)
        case .socket: socketPath = try Self.path(value)
        case .scopesFile: scopesFile = try Self.path(value)
        case .rolesFile: rolesFile = try Self.path(value)
        case .eventLoops: eventLoopCount = try Self.number(value, in: 1...64)
        case .cacheMegabytes: cacheByteCount = try Self.number(value, in: 1...4_096) << 20
        case .pollMicroseconds: pollNanoseconds = Int64(try Self.number(value, in: 0...1_000)) * 1_000
        case .tokenPrefixes: prefixes = try Self.prefixes(value)
        case .maxLifetimePersonal: lifetimes.personalSeconds = try Self.lifetime(value)
        case .maxLifetimeServiceAccount: lifetimes.serviceAccountSeconds = try Self.lifetime(value)
        case .changesPerSecond: changeRate.perSecond = try Self.number(value, in: 0...Self.changeCountMax)
        case .changesBurst: changeRate.burst = try Self.number(value, in: 1...Self.changeCountMax)
        case .auditRetentionDays: auditRetentionDays = try Self.retentionDays(value)
        case .logFormat: log.format = try Self.choice(value, of: LogFormat.allCases, \.name)
        case .logLevel: log.level = try Self.choice(value, of: LogLevel.allCases, \.name)
        case .grant:
            if grants.count == Self.grantCountMax { throw SettingProblem("is one more than \(Self.grantCountMax)") }
            grants.append(try PeerGrant(text: value, find: Self.find))
        }
    }

    private static func path(_ value: String) throws(SettingProblem) -> String {
        if !value.hasPrefix("/") { throw SettingProblem("must be an absolute path") }
        return value
    }

    private static func number(_ value: String, in range: ClosedRange<Int>) throws(SettingProblem) -> Int {
        guard let number = Int(value), range.contains(number) else {
            throw SettingProblem("must be a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    private static func choice<Choice>(
        _ value: String, of choices: [Choice], _ name: (Choice) -> String
    ) throws(SettingProblem) -> Choice {
        guard let choice = choices.first(where: { name($0) == value }) else {
            throw SettingProblem("must be one of \(choices.map(name).joined(separator: ", "))")
        }
        return choice
    }

    private static func retentionDays(_ value: String) throws(SettingProblem) -> Int {
        guard let days = Int(value), (1...Self.retentionDaysMax).contains(days) else {
            throw SettingProblem("must be a number of days up to \(Self.retentionDaysMax)")
        }
        if days < PruneEvents.retentionDaysMin {
            throw SettingProblem("the audit is kept for at least \(PruneEvents.retentionDaysMin) days")
        }
        return days
    }

    private static func prefixes(_ value: String) throws(SettingProblem) -> TokenPrefixes {
        do throws(TokenPrefixes.Failure) {
            return try TokenPrefixes(value.split(separator: " ").map(String.init))
        } catch {
            throw SettingProblem(
                "must be 1 to \(TokenPrefixes.countMax) prefixes of 2 to 4 lower-case letters, with spaces between")
        }
    }

    private static func lifetime(_ value: String) throws(SettingProblem) -> Int64 {
        guard let seconds = DurationText.parse(value), lifetimeSecondsRange.contains(seconds) else {
            throw SettingProblem("must be a duration such as 90d or 12h, from 1m to 36500d")
        }
        return seconds
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

// MARK: - A name that is none

extension ServerConfiguration {
    private static func unknownSetting(_ name: String) -> String {
        let names = Setting.allCases.map(\.rawValue)
        // Comparing costs the product of the lengths, and no typing error makes a name so long.
        let nearest = name.utf8.count > 64 ? nil : names.min { distance($0, name) < distance($1, name) }
        let suggestion: String
        if let nearest, distance(nearest, name) <= 3 {
            suggestion = "did you mean \(nearest)?"
        } else {
            suggestion = "known are: \(names.joined(separator: ", "))"
        }
        return "unknown setting \(ConfigurationText.Line.shown(name)); \(suggestion)"
    }

    /// Levenshtein's: how many letters must change to make one name of another.
    private static func distance(_ left: String, _ right: String) -> Int {
        let right = Array(right)
        var row = Array(0...right.count)
        for (index, letter) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in row.indices.dropFirst() {
                let substitution = diagonal + (letter == right[column - 1] ? 0 : 1)
                diagonal = row[column]
                row[column] = min(substitution, row[column] + 1, row[column - 1] + 1)
            }
        }
        return row[right.count]
    }
}
