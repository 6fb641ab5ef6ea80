import Testing

@testable import TokenClient

/// What a client manages, over the socket of a server in this process.
@Suite("Managing over a real server", .serialized)
struct ManagementTests {
    private let daemon: ManagedDaemon
    private let client: TokenClient

    init() throws {
        daemon = try ManagedDaemon()
        client = try daemon.host(.delegate(user: "ann", workspace: "ws_acme"))
    }

    @Test("service accounts are made, found, changed and deleted with their tokens") func accounts() async throws {
        let made = try await client.createServiceAccount(name: "robot", scopes: ["issues:read"])
        #expect(made.id.hasPrefix("sa_") && made.name == "robot" && made.workspaceID == "ws_acme")
        #expect(made.scopes == ["issues:read"] && !made.isDisabled && made.createdBy == "ann" && made.updatedAt == nil)
        let again = try await client.createServiceAccount(name: "second", scopes: [])
        #expect(try await client.serviceAccount(id: made.id) == made)
        #expect(try await client.serviceAccounts(pageSize: 1).elements.map(\.id) == [again.id])
        var names: [String] = []
        for try await account in client.allServiceAccounts(pageSize: 1) { names.append(account.name) }
        #expect(names == ["second", "robot"])
        let filtered = try await client.serviceAccounts(matching: .init(namePrefix: "ro", scope: "issues:read"))
        #expect(filtered.elements == [made] && filtered.totalSize == 1)
        let changed = try await client.updateServiceAccount(
            id: made.id, changing: .init(name: "robby", scopes: [], isDisabled: true))
        #expect(changed.name == "robby" && changed.scopes == [] && changed.isDisabled && changed.updatedAt != nil)
        #expect(try await client.serviceAccounts(matching: .init(isDisabled: true)).elements == [changed])
        #expect(try await client.updateServiceAccount(id: made.id, changing: .init()) == changed)
        _ = try await client.issueToken(ofServiceAccount: again.id, name: "t1")
        #expect(try await client.deleteServiceAccount(id: again.id) == 1)
        await #expect(throws: TokenError.self) { try await client.serviceAccount(id: again.id) }
    }

    @Test("an account's token is issued, listed, rolled by itself and revoked") func accountTokens() async throws {
        let account = try await client.createServiceAccount(name: "robot", scopes: ["issues:read", "issues:write"])
        let issued = try await client.issueToken(
            ofServiceAccount: account.id, name: "ci", scopes: ["issues:read"],
            expiresAt: Timestamp.now.adding(.seconds(3_600)))
        #expect(issued.token.kind == .serviceAccount && issued.token.ownerID == account.id)
        #expect(issued.token.scopes == ["issues:read"] && issued.token.expiresAt != nil)
        let all = try await client.issueToken(ofServiceAccount: account.id, name: "all")
        #expect(all.token.scopes == ["issues:read", "issues:write"])
        #expect(try await client.tokens(ofServiceAccount: account.id).elements.map(\.name) == ["all", "ci"])
        var names: [String] = []
        let filter = TokenFilter(kind: .serviceAccount, namePrefix: "c")
        for try await token in client.allTokens(ofServiceAccount: account.id, matching: filter) {
            names.append(token.name)
        }
        #expect(names == ["ci"])
        let own = try daemon.service(.bearer(issued.secret))
        let rolled = try await own.rollToken(
            id: issued.token.id, ofServiceAccount: account.id, overlap: .seconds(60))
        #expect(rolled.token.id == issued.token.id && rolled.secret.reveal() != issued.secret.reveal())
        #expect(try await client.verify(issued.secret.reveal()).outcome == .valid)
        #expect(try await client.revokeToken(id: issued.token.id, ofServiceAccount: account.id).state == .revoked)
        #expect(try await client.verify(rolled.secret.reveal()).outcome == .revoked)
        await #expect(throws: TokenError.self) {
            try await client.tokens(ofServiceAccount: account.id, matching: TokenFilter(ownerID: "ann"))
        }
    }

    @Test("members join, change, rest and leave") func members() async throws {
        let joined = try await client.putMember(userID: "bob", role: "analyst")
        #expect(joined.hasJoined && joined.member.role == "analyst" && joined.member.status == .active)
        let resting = try await client.putMember(userID: "bob", status: .suspended)
        #expect(!resting.hasJoined && resting.member.role == "analyst" && resting.member.status == .suspended)
        #expect(try await client.members(matching: .init(status: .suspended)).elements == [resting.member])
        #expect(try await client.members(matching: .init(userID: "zoe")).elements == [])
        var users: [String] = []
        for try await member in client.allMembers(pageSize: 1) { users.append(member.userID) }
        #expect(users == ["bob", "ann"])
        #expect(try await client.removeMember(userID: "bob") == 0)
        let refused = try? await client.removeMember(userID: "ann")
        #expect(refused == nil)
    }

    @Test("an import takes over all of its tokens or none, and names those at fault") func imports() async throws {
        let text = "a token of another system"
        let good = ImportedToken(
            digest: TestDigest.of(text), name: "old", ownerID: "ann", scopes: ["issues:read"], hint: "a t…")
        var bad = good
        bad.digest = [1]
        do throws(TokenError) {
            _ = try await client.importTokens([good, bad])
            Issue.record("it was taken")
        } catch {
            #expect(error.code == .invalidArgument && error.fields.map(\.name) == ["tokens[1].digest"])
        }
        let first = try await client.importTokens([good])
        #expect(first.importedCount == 1 && first.tokens.map(\.name) == ["old"] && first.tokens.first?.hint == "a t…")
        #expect(try await client.importTokens([good]).importedCount == 0)
        #expect(try await client.verify(text).outcome == .valid)
        #expect(try await client.revokeToken(id: first.tokens[0].id).state == .revoked)
        #expect(try await client.verify(text).outcome == .revoked)
        await #expect(throws: TokenError.self) { try await client.importTokens([]) }
    }

    @Test("the operator sees and ends workspaces, and checks the chain") func host() async throws {
        let host = try daemon.host()
        _ = try await host.bootstrap(workspaceID: "ws_other", userID: "eve")
        #expect(try await host.workspaces().elements.map(\.id) == ["ws_other", "ws_acme"])
        #expect(try await host.setWorkspaceState(id: "ws_other", to: .ended).state == .ended)
        var ended: [String] = []
        for try await workspace in host.allWorkspaces(inState: .ended) { ended.append(workspace.id) }
        #expect(ended == ["ws_other"])
        #expect(try await host.reload().changedSettings == ["changes-per-second", "changes-burst"])
        #expect(try await host.metrics().contains("\n# TYPE tokend_requests_total counter\n"))
        let report = try await host.verifyChain()
        let head = try await host.status().details
        #expect(report.isIntact && report.first == 1 && report.last?.sequence == head?.headSequence)
        #expect(report.last?.hash == head?.headHash)
        let forged = ChainHead(sequence: 2, hash: [UInt8](repeating: 0, count: 32))
        let found = try await host.verifyChain(knowing: forged)
        #expect(!found.isIntact && found.fault == .rewritten && found.faultSequence == 2)
    }

    @Test("a long chain is checked by as many calls as it takes") func longChain() async throws {
        for number in 0..<1_200 {
            _ = try await client.putMember(userID: "bob", role: number % 2 == 0 ? "analyst" : "viewer")
        }
        var progress: [UInt64] = []
        let report = try await daemon.host().verifyChain(onProgress: { progress.append($0) })
        #expect(report.isIntact && report.first == 1)
        #expect(progress.count >= 2 && progress == progress.sorted() && progress.last == report.last?.sequence)
    }

    // MARK: Following

    @Test("events come as they are committed, and none is lost or repeated over a restart") func follow() async throws {
        let stream = try daemon.host().tailEvents(after: 0)
        var events = stream.makeAsyncIterator()
        var seen: [UInt64] = []
        let head = try await daemon.host().status().details?.headSequence ?? 0
        while seen.count < Int(head) { seen.append(try #require(try await events.next()).sequence) }
        #expect(events.lastSequence == head)
        try daemon.restart()
        for number in 0..<5 {
            _ = try await daemon.host(.delegate(user: "ann", workspace: "ws_acme"))
                .createToken(name: "t\(number)", scopes: ["issues:read"])
            let event = try #require(try await events.next())
            #expect(event.action == "token.created" && event.metadata["name"] == "t\(number)")
            seen.append(event.sequence)
        }
        #expect(seen == Array(1...UInt64(seen.count)))
    }

    @Test("a thread that blocks follows too, with a filter") func followBlocking() async throws {
        let stream = try client.tailEvents(matching: EventFilter(action: "member.*"))
        let actions = Collected<String>()
        async let followed: Void = onThreads { _ in
            var events = stream.makeIterator()
            while actions.all.count < 2, let event = try? events.next() { actions.add(event.action) }
        }
        try await Task.sleep(for: .milliseconds(200))
        _ = try await client.createToken(name: "t", scopes: ["issues:read"])
        _ = try await client.putMember(userID: "bob", role: "viewer")
        _ = try await client.removeMember(userID: "bob")
        await followed
        #expect(actions.all == ["member.added", "member.removed"])
    }

    @Test("who may not read the audit is told so, and a filter by time is refused") func followRefused() async throws {
        let weak = try await client.createToken(name: "weak", scopes: ["issues:read"])
        var events = try daemon.service(.bearer(weak.secret)).tailEvents().makeAsyncIterator()
        do throws(TokenError) {
            _ = try await events.next()
            Issue.record("it was followed")
        } catch {
            #expect(error.code == .permissionDenied && error.metadata["missing_scopes"] == "audit:read")
        }
        #expect(throws: TokenError.self) { try client.tailEvents(matching: EventFilter(from: .now)) }
    }

    @Test("a cancelled task follows no more, and its connection closes") func followCancelled() async throws {
        let host = try daemon.host()
        let before = try await host.status().details?.connectionCount
        let stream = try client.tailEvents()
        let task = Task {
            var events = stream.makeAsyncIterator()
            do throws(TokenError) {
                _ = try await events.next()
                return false
            } catch {
                return error.code == .cancelled
            }
        }
        try await Task.sleep(for: .milliseconds(100))
        task.cancel()
        #expect(await task.value)
        let observed = Collected<UInt64?>()
        await onThreads { _ in
            let end = Moment.now.adding(.seconds(10))
            while Moment.now < end {
                let count = try? host.status().details?.connectionCount
                if count == before { return observed.add(count) }
            }
        }
        #expect(observed.all == [before])
    }
}
