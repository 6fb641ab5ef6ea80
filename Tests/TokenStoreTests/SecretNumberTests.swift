import Testing
import TokenCore

@testable import TokenStore

@Suite("Two secrets whose digests begin alike")
struct SecretNumberTests {
    let fixture: StoreFixture
    let admin: TestSecret
    let kept: MadeToken
    /// Another digest with the same number.
    let alike: SecretDraft

    init() throws {
        fixture = try StoreFixture()
        admin = try fixture.bootstrap()
        kept = try fixture.create("kept", as: admin.claim)
        var bytes = kept.secret.draft.digest.bytes
        bytes[31] ^= 1
        let digest = Digest(bytes: bytes.span)
        alike = SecretDraft(digest: try #require(digest), hint: "…")
    }

    @Test func theNumberIsTheDigestsFirst63BitsInSwiftAsInSQL() throws {
        for _ in 0..<100 {
            let digest = TestSecret().draft.digest
            #expect(digest.secretNumber == Int64(digest.prefix / 2))
            #expect(Digest.shard(ofSecretNumber: digest.secretNumber, of: 4_096) == digest.shard(of: 4_096))
            let number = try fixture.single("SELECT \(Schema.secretNumber(ofDigest: "x'\(digest.hexadecimal)'"))")
            #expect(number == String(digest.secretNumber))
        }
    }

    @Test func theOneThatIsNotThereIsUnknown() throws {
        let reader = try fixture.store().makeReader()
        let search = try reader.liveCredential(alike.digest, now: reader.now) { _ in Issue.record("found") }
        guard case .unknown = search else {
            Issue.record("\(search)")
            return
        }
        #expect(try reader.credential(alike.digest) == nil)
    }

    @Test func theSecondIsRefusedAndTheFirstStaysAsItIs() throws {
        try fixture.expectRefusal(.internalError) {
            try fixture.perform(
                CreateToken(name: "late", scopes: ScopeSet(), expiresAt: nil, request: nil, secret: alike),
                as: admin.claim)
        }
        let item = ImportTokens.Item(
            digest: alike.digest, name: "kept", ownerID: "", scopes: kept.record.scopes, expiresAt: nil, hint: "")
        try fixture.expectRefusal(.conflict) {
            try fixture.perform(ImportTokens(items: [item]), as: admin.claim)
        }
        #expect(try fixture.outcome(kept.secret) == .valid)
        #expect(try fixture.single("SELECT count(*) FROM token WHERE name = 'late'") == "0")
        #expect(try fixture.create("late", as: admin.claim).record.name == "late")
    }
}
