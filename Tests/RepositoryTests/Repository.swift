import Foundation

/// The files of this repository.
enum Repository {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// What tools leave behind and git doesn't keep.
    private static let ignored: Set = [".git", ".build", ".swiftpm", ".vscode", "__pycache__"]

    static let topLevel: [String] = entries(of: "").sorted()

    /// Every file that is text.
    static let files: [SourceFile] = files(in: "")

    /// Every file of the targets in Sources that is Swift.
    static let sources: [SourceFile] = files.filter { $0.path.hasPrefix("Sources/") && $0.path.hasSuffix(".swift") }

    /// The names of the directories in Sources.
    static let targets: Set<String> = Set(entries(of: "Sources"))

    private static func entries(of directory: String) -> [String] {
        let names = try? FileManager.default.contentsOfDirectory(atPath: root.appending(path: directory).path)
        return (names ?? []).filter { !ignored.contains($0) }
    }

    private static func files(in directory: String) -> [SourceFile] {
        entries(of: directory).sorted().flatMap { name -> [SourceFile] in
            let path = directory.isEmpty ? name : "\(directory)/\(name)"
            let url = root.appending(path: path)
            var isDirectory: ObjCBool = false
            guard FileManager.default.fileExists(atPath: url.path, isDirectory: &isDirectory) else { return [] }
            if isDirectory.boolValue { return files(in: path) }
            guard let text = try? String(contentsOf: url, encoding: .utf8) else { return [] }
            return [SourceFile(path: path, text: text)]
        }
    }
}

/// One file, and its Swift without comments and strings, where only code is meant.
struct SourceFile: Sendable {
    /// From the root of the repository.
    let path: String
    let lines: [Substring]
    /// The text of a Swift file with a space for each byte of a comment or a string; of another file none.
    let code: String
    let codeLines: [Substring]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        code = path.hasSuffix(".swift") ? SwiftCode.blankingCommentsAndStrings(in: text) : ""
        codeLines = code.split(separator: "\n", omittingEmptySubsequences: false)
    }

    /// The target the file is of; nil outside of Sources.
    var target: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && parts[0] == "Sources" ? String(parts[1]) : nil
    }

    /// What is wrong, for each line that `problem` finds something wrong with.
    func findings(in lines: [Substring], _ problem: (Substring) -> String?) -> [Finding] {
        zip(1..., lines).compactMap { number, line in
            problem(line).map { Finding(path: path, line: number, problem: $0) }
        }
    }
}

/// A place that breaks a rule.
struct Finding: Equatable, CustomStringConvertible {
    let path: String
    let line: Int
    let problem: String

    var description: String { "\(path):\(line): \(problem)" }
}
