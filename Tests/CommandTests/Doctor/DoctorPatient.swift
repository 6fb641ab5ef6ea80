import Foundation
import TestSupport
import Testing

/// What doctor says of a host, taken from its JSON.
struct Diagnosis {
    struct Finding: Decodable {
        let subject: String
        let level: String
        let finding: String
        let remedy: String?
    }

    private struct Answer: Decodable {
        let findings: [Finding]
        let problems: Int
        let warnings: Int
    }

    let exitCode: Int32
    let findings: [Finding]

    init(_ outcome: Programs.Outcome) throws {
        exitCode = outcome.exitCode
        let answer = try JSONDecoder().decode(Answer.self, from: Data(outcome.output.utf8))
        findings = answer.findings
        #expect(answer.problems == findings.filter { $0.level == "problem" }.count)
        #expect(answer.warnings == findings.filter { $0.level == "warning" }.count)
        #expect((exitCode == 1) == (answer.problems > 0))
        for finding in findings { #expect((finding.remedy == nil) == (finding.level == "ok"), "\(finding)") }
    }

    /// Expects one finding of this kind, and gives it.
    @discardableResult
    func expect(
        _ level: String, _ subject: String, _ text: String, remedy: String? = nil,
        sourceLocation: SourceLocation = #_sourceLocation
    ) -> Finding? {
        let found = findings.first { $0.subject == subject && $0.level == level && $0.finding.contains(text) }
        #expect(found != nil, "\(findings)", sourceLocation: sourceLocation)
        if let remedy, let found {
            #expect(found.remedy?.contains(remedy) == true, "\(found)", sourceLocation: sourceLocation)
        }
        return found
    }
}

/// A directory in which doctor finds what a test has put there, and no daemon unless one is given.
final class DoctorPatient {
    private let place: TemporaryDirectory
    var directory: String { place.path }
    var socket: String { directory + "/tokend.sock" }

    init() throws {
        place = try TemporaryDirectory("tokend-doctor")
        // Also for the other users of a test.
        chmod(directory, 0o755)
    }

    func examine(_ arguments: String..., path: String = "/usr/bin:/bin") throws -> Diagnosis {
        let environment = ["TOKEND_SOCKET": socket, "HOME": directory, "PATH": path]
        return try Diagnosis(
            Programs.run("tokenctl", ["doctor", "--json"] + arguments, environment: environment))
    }

    /// A socket that nobody listens on, as a daemon that was killed leaves it.
    func leaveSocket() throws { try Self.bind(socket) }

    static func bind(_ path: String) throws {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(code == 0)
        chmod(path, 0o660)
    }

    /// A systemctl that answers with these lines.
    func installSystemctl(_ lines: String, exitCode: Int = 0) throws {
        let path = directory + "/systemctl"
        try "#!/bin/sh\ncat <<'END'\n\(lines)\nEND\nexit \(exitCode)\n"
            .write(toFile: path, atomically: true, encoding: .utf8)
        chmod(path, 0o755)
    }
}

extension RunningDaemon {
    func diagnose(_ arguments: String...) throws -> Diagnosis {
        try Diagnosis(Programs.run("tokenctl", ["doctor", "--json"] + arguments, environment: environment))
    }

    func diagnose(
        asUser user: UInt32, group: UInt32, socketGroup: UInt32, groups: String = "--clear-groups"
    ) throws -> Diagnosis {
        try Diagnosis(
            tokenctl("doctor", "--json", asUser: user, group: group, socketGroup: socketGroup, groups: groups))
    }

    /// As another user of the host, who has come as far as the socket. The program is copied to where they may run it.
    func tokenctl(
        _ arguments: String..., asUser user: UInt32, group: UInt32, socketGroup: UInt32,
        groups: String = "--clear-groups"
    ) throws -> Programs.Outcome {
        let program = directory + "/tokenctl"
        if !FileManager.default.fileExists(atPath: program) {
            try FileManager.default.copyItem(
                atPath: Programs.directory.appending(path: "tokenctl").path, toPath: program)
        }
        chmod(directory, 0o711)
        chown(directory + "/tokend.sock", 0, socketGroup)
        chown(directory + "/tokend.sock.epochs", 0, socketGroup)
        let identity = ["--reuid", String(user), "--regid", String(group), groups]
        return try Programs.run("/usr/bin/setpriv", identity + [program] + arguments, environment: environment)
    }
}
