import Foundation
import Testing

@testable import tokenctl

@Suite("doctor, of who may connect", .enabled(if: geteuid() == 0), .serialized)
struct DoctorAccessTests {
    let daemon: RunningDaemon

    init() throws { daemon = try RunningDaemon() }

    @Test func whoeverIsNotInTheGroup() throws {
        let diagnosis = try daemon.diagnose(asUser: 4242, group: 4242, socketGroup: 4243)
        diagnosis.expect(
            "problem", "access", "uid 4242 is not in group gid 4243", remedy: "--group-add 4243")
        #expect(!diagnosis.findings.contains { $0.subject == "daemon" })
        let root = try daemon.diagnose(asUser: 4242, group: 4242, socketGroup: 0)
        let remedy = root.expect("problem", "access", "is not in group root")?.remedy
        #expect(remedy?.contains("chgrp tokend-clients \(daemon.directory)/tokend.sock") == true)
    }

    @Test(
        arguments: [
            (990, "tokend-clients", "web", "usermod --append --groups tokend-clients web, then log in again"),
            (990, "tokend-clients", nil, "SupplementaryGroups=990"), (990, nil, "web", "--group-add 990"),
            (27, "sudo", "web", "have web let into group sudo if it is for"),
            (0, "root", "web", "chgrp tokend-clients /run/tokend/tokend.sock"),
            (0, nil, nil, "chgrp tokend-clients /run/tokend/tokend.sock"),
        ] as [(UInt32, String?, String?, String)])
    func whatHelpsIsNoMoreThanTheRightToConnect(_ id: UInt32, _ group: String?, _ user: String?, _ words: String) {
        let remedy = AccessCheck.remedy("/run/tokend/tokend.sock", groupID: id, group: group, user: user)
        #expect(remedy.contains(words))
        #expect(remedy.contains("usermod") == (group == "tokend-clients" && user != nil))
    }

    @Test func whoIsNoOperatorIsToldWhoIsOne() throws {
        for (command, group, words) in [
            ("metrics", 4243, "be root"), ("status", 4243, "join the socket's group, 4243"),
            ("status", 0, "have it belong to a group of its clients"),
        ] as [(String, UInt32, String)] {
            let refused = try daemon.tokenctl(command, asUser: 4242, group: 4242, socketGroup: group)
            #expect(refused.exitCode == 69 && refused.errors.contains("permission denied; "))
            #expect(refused.errors.contains(words), "\(refused.errors)")
        }
    }

    @Test func whoeverIsInTheGroup() throws {
        let diagnosis = try daemon.diagnose(asUser: 4242, group: 4242, socketGroup: 4243, groups: "--groups=4243")
        diagnosis.expect("ok", "access", "uid 4242 may connect")
        diagnosis.expect("ok", "daemon", "serves")
        diagnosis.expect("ok", "page", "from their own memory")
        #expect(diagnosis.exitCode == 0)
    }

    /// games has its own group by /etc/passwd on every Debian; this process of it has not.
    @Test(.enabled("there is no user games") { getpwnam("games") != nil })
    func whoeverWasPutInTheGroupAfterLoggingIn() throws {
        let games = try #require(getpwnam("games")).pointee
        try daemon.diagnose(asUser: games.pw_uid, group: 4242, socketGroup: games.pw_gid)
            .expect("problem", "access", "games is in group games, but was not when", remedy: "log in again")
    }

    @Test func whoeverIsInTheGroupThatTheModeLeavesOut() throws {
        _ = try daemon.diagnose(asUser: 4242, group: 4242, socketGroup: 4242)
        chmod(daemon.directory + "/tokend.sock", 0o600)
        try daemon.diagnose(asUser: 4242, group: 4242, socketGroup: 4242)
            .expect("problem", "access", "lets its owner alone", remedy: "chmod 0660")
    }
}
