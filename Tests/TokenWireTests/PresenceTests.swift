import Testing

@testable import TokenWire

/// Fields that can be absent: what was not said differs from what was said to be nothing.
@Suite struct PresenceTests {
    @Test(arguments: [
        UpdateServiceAccountRequest(id: "sa_1"),
        UpdateServiceAccountRequest(id: "sa_1", name: ""),
        UpdateServiceAccountRequest(id: "sa_1", name: "ci"),
        UpdateServiceAccountRequest(id: "sa_1", scopes: []),
        UpdateServiceAccountRequest(id: "sa_1", scopes: ["a:b"]),
        UpdateServiceAccountRequest(id: "sa_1", disabled: false),
        UpdateServiceAccountRequest(id: "sa_1", disabled: true),
        UpdateServiceAccountRequest(id: "sa_1", name: "", scopes: [], disabled: false),
    ])
    func anUpdateTellsWhatStaysFromWhatIsSetToNothing(_ sent: UpdateServiceAccountRequest) throws {
        let bytes = sent.encoded()
        let view = try UpdateServiceAccountRequest.View(bytes.span)
        let received = UpdateServiceAccountRequest(copying: view)
        let presence = [view.hasName, view.scopes.isPresent, view.disabled != nil]
        #expect(received == sent)
        #expect(presence == [sent.name != nil, sent.scopes != nil, sent.disabled != nil])
    }

    /// Embedded messages merge: an empty one that follows takes nothing away.
    @Test func scopesInPiecesAreOneList() throws {
        let pieces: [UpdateServiceAccountRequest] = [.init(scopes: ["a:1"]), .init(scopes: []), .init(scopes: ["a:2"])]
        let bytes = pieces.flatMap { $0.encoded() }
        let view = try UpdateServiceAccountRequest.View(bytes.span)
        let scopes = UpdateServiceAccountRequest(copying: view).scopes
        #expect(scopes == ["a:1", "a:2"])
    }

    @Test(arguments: [nil, false, true])
    func aListOfAccountsIsOfDisabledOnesOrOfOthersOrOfAll(_ disabled: Bool?) throws {
        let bytes = ListServiceAccountsRequest(disabled: disabled).encoded()
        let view = try ListServiceAccountsRequest.View(bytes.span)
        let received = view.disabled
        #expect(received == disabled)
    }

    @Test(arguments: [nil, 0, 1, .max] as [UInt64?])
    func aStreamOfEventsBeginsAtTheOldestOrAtTheNext(_ afterSeq: UInt64?) throws {
        let bytes = TailEventsRequest(afterSeq: afterSeq).encoded()
        let view = try TailEventsRequest.View(bytes.span)
        let received = view.afterSeq
        #expect(received == afterSeq)
    }

    /// An answer that lacks its message, and one whose message has every default, are not the same.
    @Test func anEmbeddedMessageIsAbsentOrEmpty() throws {
        let absent = ServiceAccountResponse().encoded()
        let empty = ServiceAccountResponse(serviceAccount: ServiceAccount()).encoded()
        #expect(absent.isEmpty && empty == [0x0A, 0])
        for (bytes, account) in [(absent, nil), (empty, ServiceAccount())] {
            let view = try ServiceAccountResponse.View(bytes.span)
            let received = ServiceAccountResponse(copying: view).serviceAccount
            #expect(received == account)
        }
        let member = PutMemberResponse(member: Member(), created: true).encoded()
        let memberView = try PutMemberResponse.View(member.span)
        let putMember = PutMemberResponse(copying: memberView)
        #expect(putMember == PutMemberResponse(member: Member(), created: true))
        let workspace = SetWorkspaceStateResponse(workspace: Workspace()).encoded()
        let workspaceView = try SetWorkspaceStateResponse.View(workspace.span)
        let setState = SetWorkspaceStateResponse(copying: workspaceView)
        #expect(setState.workspace == Workspace())
    }
}
