import Glibc
import LinuxIO
package import TokenCore

/// What an operator can set: the built-in values, then the configuration file, then the command line.
package struct ServerConfiguration: Sendable, Equatable {
    /// Read when it exists and no other is named.
    package static let defaultPath = "/etc/tokend/tokend.conf"

    package var storeDirectory = "/var/lib/tokend"
    /// The operator's socket lies beside it.
    package var socketPath = "/run/tokend/tokend.sock"
    package var eventLoopCount = 1
    package var prefixes = TokenPrefixes.standard

    package init() {}

    package var operatorSocketPath: String {
        guard let slash = socketPath.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "operator.sock" }
        return socketPath[...slash] + "operator.sock"
    }

    /// A setting that can't be what it says, and where.
    package struct Problem: Error, CustomStringConvertible, Equatable {
        package let file: String
        package let line: Int
        package let message: String

        package var description: String { "\(file):\(line): \(message)" }
    }
}

// MARK: - The file: `key = value` lines; `#` begins a comment

extension ServerConfiguration {
    private enum Key: String, CaseIterable {
        case store
        case socket
        case eventLoops = "event-loops"
        case tokenPrefixes = "token-prefixes"
    }

    /// Sets what the text of a configuration file sets. Nothing is changed when any line of it is wrong.
    package mutating func apply(_ text: String, file: String) throws(Problem) {
        var configuration = self
        var seen: Set<Key> = []
        // Split as bytes: to Swift the end of a line from Windows is one character, and not "\n".
        let lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let content = Self.trimmed(Substring(line.prefix { $0 != UInt8(ascii: "#") }))
            if content.isEmpty { continue }
            func problem(_ message: String) -> Problem { Problem(file: file, line: index + 1, message: message) }
            if content.utf8.contains(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7f }) {
                throw problem("holds a control character")
            }
            guard let equals = content.firstIndex(of: "=") else {
                throw problem("“\(content)” is not of the form key = value")
            }
            let name = Self.trimmed(content[..<equals])
            let value = Self.trimmed(content[content.index(after: equals)...])
            guard let key = Key(rawValue: name) else { throw problem(Self.unknownKey(name)) }
            if !seen.insert(key).inserted { throw problem("\(name) is set twice; keep one") }
            if let message = configuration.set(key, value) { throw problem("\(name): \(message)") }
        }
        self = configuration
    }

    /// What is wrong with the value, if anything is.
    private mutating func set(_ key: Key, _ value: String) -> String? {
        switch key {
        case .store:
            if !value.hasPrefix("/") { return "must be an absolute path" }
            storeDirectory = value
        case .socket:
            if !value.hasPrefix("/") { return "must be an absolute path" }
            socketPath = value
        case .eventLoops:
            guard let count = Int(value), (1...64).contains(count) else { return "must be a number from 1 to 64" }
            eventLoopCount = count
        case .tokenPrefixes:
            do throws(TokenPrefixes.Failure) {
                prefixes = try TokenPrefixes(value.split(separator: " ").map(String.init))
            } catch {
                return
                    "must be 1 to \(TokenPrefixes.countMax) prefixes of 2 to 4 lower-case letters, with spaces between"
            }
        }
        return nil
    }

    private static func unknownKey(_ name: String) -> String {
        let nearest = Key.allCases.map(\.rawValue).min { distance($0, name) < distance($1, name) } ?? ""
        let suggestion =
            distance(nearest, name) <= 3
            ? "did you mean \(nearest)?" : "known are: \(Key.allCases.map(\.rawValue).joined(separator: ", "))"
        return "unknown setting \(name); \(suggestion)"
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

    private static func trimmed(_ text: some StringProtocol) -> String {
        let blank: (Character) -> Bool = { $0 == " " || $0 == "\t" || $0 == "\r" }
        return String(text.drop(while: blank).reversed().drop(while: blank).reversed())
    }
}

extension ServerConfiguration {
    /// The built-in values with those of `file` over them; without a name, of the default file if it exists.
    package static func read(file: String?) throws(Problem) -> ServerConfiguration {
        let path = file ?? defaultPath
        var configuration = ServerConfiguration()
        let text: String
        do throws(SystemError) {
            text = try TextFile.read(path)
        } catch {
            if file == nil && error.code == ENOENT { return configuration }
            throw Problem(file: path, line: 0, message: error.description)
        }
        try configuration.apply(text, file: path)
        return configuration
    }
}
