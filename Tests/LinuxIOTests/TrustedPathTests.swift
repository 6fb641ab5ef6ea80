import Foundation
import Glibc
import LinuxIO
import Testing

@Suite("Paths that only root and one user can change")
final class TrustedPathTests {
    private let root: String

    init() throws {
        root = FileManager.default.temporaryDirectory.path + "/tokend-path-" + UUID().uuidString
        try #require(mkdir(root, 0o700) == 0)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: root)
    }

    private func make(_ name: String, mode: mode_t, owner: uid_t? = nil) -> String {
        let path = root + "/" + name
        mkdir(path, 0o700)
        chmod(path, mode)
        if let owner { chown(path, owner, 0) }
        return path
    }

    private func violation(_ path: String) -> TrustedPath.Violation? {
        do throws(TrustedPath.Violation) {
            try TrustedPath.check(directory: path)
            return nil
        } catch {
            return error
        }
    }

    @Test(arguments: [
        (0o700, true), (0o755, true), (0o770, false), (0o707, false), (0o777, false),
        // Sticky is for those above: here others may add files.
        (0o1777, false), (0o1775, false),
    ])
    func theDirectoryItselfIsWritableByItsOwnerAlone(mode: mode_t, isTrusted: Bool) {
        #expect((violation(make("d", mode: mode)) == nil) == isTrusted)
    }

    @Test(arguments: [(0o755, true), (0o1777, true), (0o777, false), (0o775, false)])
    func oneAboveMayBeWritableByOthersWhenItIsSticky(mode: mode_t, isTrusted: Bool) {
        let above = make("above", mode: mode)
        _ = make("above/d", mode: 0o700)
        let found = violation(above + "/d")
        #expect((found == nil) == isTrusted)
        if let found {
            #expect(found.path == above)
            #expect(found.description.contains("chmod"))
        }
    }

    @Test(.enabled(if: geteuid() == 0)) func aForeignOwnerIsRefusedAnywhere() throws {
        let inner = make("foreign", mode: 0o755, owner: 12_345)
        #expect(violation(inner)?.problem.contains("12345") == true)
        mkdir(inner + "/mine", 0o700)
        #expect(violation(inner + "/mine")?.path == inner)
        // To that user, root's directories and their own are trusted.
        try TrustedPath.check(directory: inner, userID: 12_345)
    }

    @Test func whatIsNotThereOrNoDirectoryIsRefused() throws {
        #expect(violation(root + "/none") != nil)
        try Data().write(to: URL(filePath: root + "/file"))
        #expect(violation(root + "/file") != nil)
    }

    @Test func aLinkInATrustedDirectoryLeadsToWhatItNames() {
        let target = make("target", mode: 0o700)
        symlink(target, root + "/absolute")
        symlink("target", root + "/relative")
        symlink("absolute", root + "/chain")
        for name in ["absolute", "relative", "chain", "relative/../target/.", "/target//"] {
            #expect(violation(root + "/" + name) == nil, "\(name)")
        }
        chmod(target, 0o777)
        for name in ["absolute", "relative", "chain"] { #expect(violation(root + "/" + name) != nil, "\(name)") }
        symlink("loop", root + "/loop")
        #expect(violation(root + "/loop") != nil)
    }

    @Test func aLinkThatOthersCanReplaceIsRefusedWhereverItLeads() {
        let target = make("target", mode: 0o700)
        let open = make("open", mode: 0o777)
        symlink(target, open + "/link")
        #expect(violation(open + "/link")?.path == open)
        symlink(open + "/link", root + "/chain")
        #expect(violation(root + "/chain")?.path == open)
        #expect(violation(open + "/../target")?.path == open)
    }

    @Test(.enabled(if: geteuid() == 0)) func aLinkOfAnotherUserInAStickyDirectoryIsRefused() {
        let target = make("target", mode: 0o700)
        let sticky = make("sticky", mode: 0o1777)
        symlink(target, sticky + "/link")
        #expect(violation(sticky + "/link") == nil)
        lchown(sticky + "/link", 12_345, 0)
        #expect(violation(sticky + "/link")?.problem.contains("12345") == true)
    }

    @Test(arguments: [("/run/tokend/s.sock", "/run/tokend"), ("/s.sock", "/"), ("s.sock", "."), ("a/b", "a")])
    func theParentOfAPath(path: String, expected: String) {
        #expect(TrustedPath.parent(of: path) == expected)
    }
}
