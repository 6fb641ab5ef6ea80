import Foundation

extension Encodable {
    /// As `--json` prints every report: with sorted keys in snake_case.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }
}

extension Report {
    /// Reads what `--json` printed.
    static func read(_ path: String) throws(Problem) -> Report {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .unreadable(path)
        }
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        guard let report = try? decoder.decode(Report.self, from: data), report.format == Self.formatNumber else {
            throw Problem(
                message: "\(path) is no report of this version: write one with tokenbench run --json > \(path)",
                exitCode: .invalidData)
        }
        return report
    }
}
