import Glibc
import LinuxIO
import TokenCore
import TokenStore

/// Work on a store that no daemon has, for the host's operator.
extension Daemon {
    /// Looks at a store and changes nothing.
    package static func check(_ configuration: LoadedConfiguration) throws(Failure) -> CheckReport {
        let settings = configuration.settings
        try becomeOwner(of: settings.storeDirectory)
        do throws(StoreFailure) {
            return CheckReport(
                lines: try StoreCheck(
                    directory: settings.storeDirectory, epochPagePath: settings.epochPagePath,
                    rules: configuration.rules
                ).lines)
        } catch {
            throw Failure(error)
        }
    }

    /// Makes a store of a copy. `note` is told what it waits for.
    package static func restore(
        _ copyPath: String, _ configuration: LoadedConfiguration, acceptingRollbackTo sequence: Int64?,
        revokesTokens: Bool, note: (String) -> Void
    ) throws(Failure) -> RestoreReport {
        let settings = configuration.settings
        let actor = "uid:\(getuid())"
        // Root may read what the store's owner may not.
        let copy = try open(copy: copyPath)
        try becomeOwner(of: settings.storeDirectory)
        let plan = RestorePlan(
            copyDescriptor: copy.rawValue, copyPath: copyPath, directory: settings.storeDirectory,
            epochPagePath: settings.epochPagePath, actor: actor,
            consent: sequence.map { RestorePlan.Consent(sequence: $0) }, tokens: revokesTokens ? .revoked : .kept)
        do throws(StoreFailure) {
            let restored = try Store.restore(plan, note: note)
            return RestoreReport(restored, directory: settings.storeDirectory)
        } catch {
            throw Failure(error)
        }
    }

    private static func open(copy path: String) throws(Failure) -> FileDescriptor {
        var log = stat()
        if stat(path + "-wal", &log) == 0 && log.st_size > 0 {
            throw Failure(
                description:
                    "\(path) has a -wal file beside it, whose changes it lacks: it is a database in use, and no "
                    + "copy; make one with tokenctl backup",
                exitCode: .configuration)
        }
        let raw = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        if raw < 0 { throw Failure(description: "\(path): \(SystemError.last("open"))", exitCode: .noInput) }
        let copy = FileDescriptor(owning: raw)
        var status = stat()
        if fstat(copy.rawValue, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw Failure(
                description: "\(path) is a directory; name the FILE that tokenctl backup made",
                exitCode: .noInput)
        }
        return copy
    }

    /// Run as root for a store that is another user's, the process is that user from here on.
    static func becomeOwner(of storeDirectory: String) throws(Failure) {
        ProcessProtection.apply()
        do throws(SystemError) {
            try Privileges.becomeOwner(ofDirectory: storeDirectory)
        } catch {
            throw Failure(description: "\(storeDirectory): \(error)", exitCode: .notPermitted)
        }
    }
}

/// What `tokend check` says.
package struct CheckReport: Sendable {
    let lines: [CheckLine]

    /// Whether a daemon can serve the store.
    package var isSound: Bool { lines.allSatisfy(\.isSound) }

    package var text: String {
        let width = lines.map(\.name.utf8.count).max() ?? 0
        return lines.map { line in
            let padding = String(repeating: " ", count: width - line.name.utf8.count)
            return "\(line.isSound ? "ok   " : "WRONG")  \(line.name)\(padding)  \(line.text)"
        }.joined(separator: "\n")
    }

    package var json: String {
        let checks = lines.map { line in
            "    {\"check\": \(JSONText.quoted(line.name)), \"sound\": \(line.isSound), "
                + "\"text\": \(JSONText.quoted(line.text))}"
        }
        return "{\n  \"sound\": \(isSound),\n  \"checks\": [\n\(checks.joined(separator: ",\n"))\n  ]\n}"
    }
}

/// What `tokend restore` says when it is done.
package struct RestoreReport: Sendable {
    package let text: String

    init(_ restored: RestoredStore, directory: String) {
        var lines = [
            "restored \(directory) from a copy that ends at event \(restored.copySequence); the newest is "
                + "\(restored.sequence)"
        ]
        if let rollback = restored.rollback {
            lines.append("accepted that events up to \(rollback.mark.sequence) are missing")
        }
        if restored.endedTokenCount > 0 {
            lines.append("revoked \(restored.endedTokenCount) tokens; the next step is tokend recover --admin")
        }
        if let replaced = restored.replacedDatabase { lines.append("the old database is kept as \(replaced)") }
        text = lines.joined(separator: "\n")
    }
}
