package import TokenCore

// The file: `key = value` lines; `#` begins a comment.

extension ServerConfiguration {
    /// Sets what the text of a configuration file sets. Nothing is changed when any line of it is wrong. Users and groups
    /// are looked up on this host.
    package mutating func apply(_ text: String, file: String) throws(ConfigurationProblem) {
        var configuration = self
        var seen: Set<String> = []
        for line in try ConfigurationText(text, file: file).lines {
            let (name, value) = try line.pair()
            guard let setting = Setting.named(name) else { throw line.problem(Self.unknownSetting(name)) }
            if !seen.insert(name).inserted && !setting.isRepeatable {
                throw line.problem("\(name) is set twice; keep one")
            }
            do throws(SettingProblem) {
                try configuration.set(setting, to: value, from: .file(file, line: line.number))
            } catch {
                throw line.problem(name, error)
            }
        }
        self = configuration
    }

    private static func unknownSetting(_ name: String) -> String {
        let names = Setting.all.map(\.name)
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
