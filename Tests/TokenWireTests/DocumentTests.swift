import Foundation
import Testing

@testable import TokenWire

/// PROTOCOL.md says what the code does.
@Suite struct DocumentTests {
    static let lines: [Substring] = {
        let text = try? String(contentsOf: protocolFolder.appending(path: "PROTOCOL.md"), encoding: .utf8)
        return (text ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    }()

    /// The bytes in the block that begins with "```hex NAME"; what follows a "#" is for the reader.
    @Test(arguments: ["verify_request", "verify_response", "not_found_response"])
    func theExampleIsTheGoldenFrame(_ name: String) {
        let block = Self.lines.drop { $0 != "```hex \(name)" }.dropFirst().prefix { $0 != "```" }
        let digits = block.map { $0.prefix { $0 != "#" }.filter { $0 != " " } }.joined()
        #expect(hexadecimal(digits) == Vector.frame(name))
        #expect(!digits.isEmpty)
    }

    @Test func theLimitsAreThoseOfTheCode() {
        let limits: [String: Int] = [
            "frameBodyByteCountMax": WireLimits.frameBodyByteCountMax,
            "requestBodyByteCountMax": WireLimits.requestBodyByteCountMax,
            "streamCountMax": WireLimits.streamCountMax,
            "ignoredFrameCountMax": WireLimits.ignoredFrameCountMax,
            "connectionCountPerUIDMax": WireLimits.connectionCountPerUIDMax,
            "operatorConnectionCountKept": WireLimits.operatorConnectionCountKept,
            "firstFrameTimeoutSeconds": WireLimits.firstFrameTimeoutSeconds,
            "frameTimeoutSeconds": WireLimits.frameTimeoutSeconds,
            "writeStallTimeoutSeconds": WireLimits.writeStallTimeoutSeconds,
            "groupDepthMax": WireLimits.groupDepthMax,
            "listElementCountMax": WireLimits.listElementCountMax,
            "metadataPairCountMax": WireLimits.metadataPairCountMax,
            "verifyBatchCountMax": WireLimits.verifyBatchCountMax,
            "importedTokenCountMax": WireLimits.importedTokenCountMax,
            "tailedEventCountMax": WireLimits.tailedEventCountMax,
            "tailSignSeconds": WireLimits.tailSignSeconds,
            "backupChunkByteCountMax": WireLimits.backupChunkByteCountMax,
            "pageSizeMax": WireLimits.pageSizeMax,
            "pageSizeDefault": WireLimits.pageSizeDefault,
            "filterByteCountMax": WireLimits.filterByteCountMax,
            "countedTokenCountMax": WireLimits.countedTokenCountMax,
            "statusMessageByteCountMax": WireLimits.statusMessageByteCountMax,
        ]
        let documented = table(under: "## Limits").map { ($0[0], Int($0[1].filter { $0 != "," }) ?? -1) }
        #expect(Dictionary(uniqueKeysWithValues: documented) == limits)
    }

    @Test func theReasonsAreThoseOfTheCode() {
        let documented = table(under: "## Errors").map { "\($0[0]) \($0[1].prefix { $0 != " " })" }
        #expect(Set(documented) == Set(ErrorReason.allCases.map { "\($0.rawValue) \($0.code.rawValue)" }))
    }

    @Test func theOutcomesAreThoseOfTheCode() {
        let outcomes: [String: VerifyOutcome] = [
            "VALID": .valid, "MALFORMED": .malformed, "UNKNOWN": .unknown, "WORKSPACE_MISMATCH": .workspaceMismatch,
            "REVOKED": .revoked, "SUPERSEDED": .superseded, "EXPIRED": .expired, "DISABLED": .disabled,
            "OWNER_SUSPENDED": .ownerSuspended, "INSUFFICIENT_SCOPE": .insufficientScope,
        ]
        let documented = table(under: "## Outcomes").map { ($0[1], VerifyOutcome(rawValue: Int32($0[2]) ?? -1)) }
        #expect(Dictionary(uniqueKeysWithValues: documented) == outcomes)
    }

    /// The example in prose is the golden event, whose hash another implementation has computed.
    @Test func theAuditExampleIsTheGoldenEvent() throws {
        let block = Self.lines.drop { !$0.hasPrefix("has this body of") }.drop { $0 != "```" }.dropFirst()
        let bodyLines = block.prefix { !$0.isEmpty }
        let hashLine = try #require(block.dropFirst(bodyLines.count + 1).first)
        let body = hexadecimal(bodyLines.joined().filter { $0 != " " })
        let event = try #require(Vector.events.first { $0.name == "first" })
        #expect(body == hexadecimal(event.rest[1]))
        let view = try AuditEvent.View(event.bytes.span)
        #expect(hexadecimal(hashLine) == AuditEvent(copying: view).hash)
        #expect(Self.lines.contains("has this body of \(body.count) bytes and this hash:"))
    }

    @Test func everyMethodStandsInTheTableOfItsService() {
        var service = ""
        var documented: [String] = []
        for row in table(under: "## Methods") {
            if !row[0].isEmpty { service = row[0] }
            if row[1].hasPrefix("both") { continue }
            documented += row[1].components(separatedBy: ", ").map { "\(service)/\($0)" }
        }
        let methods = Method.allCases.map { "\($0.service.name)/\($0.name)".replacing("tokend.v1.", with: "") }
        #expect(documented.sorted() == methods.sorted())
    }

    @Test func everyMethodThatChangesSomethingHasItsEvent() {
        let documented = table(under: "### Events").flatMap { $0[0].components(separatedBy: ", ") }
        let reading: Set<TokenWire.Method> = [
            .verify, .verifyBatch, .getCachePage, .reportUsage, .listScopes, .whoAmI, .listTokens, .getToken,
            .listServiceAccounts, .getServiceAccount, .listServiceAccountTokens, .listMembers, .listEvents, .tailEvents,
            .getStatus, .listWorkspaces, .verifyChain, .backup, .getMetrics, .checkHealth,
        ]
        let changing = Set(Method.allCases).subtracting(reading).map { "\($0.name)" }
        #expect(Set(documented).subtracting([""]) == Set(changing))
    }

    @Test func theStatesOfAWorkspaceAreThoseOfTheCode() {
        let states: [String: WorkspaceState] = ["ACTIVE": .active, "SUSPENDED": .suspended, "ENDED": .ended]
        let documented = table(under: "## Workspaces").map { ($0[0], WorkspaceState(rawValue: Int32($0[1]) ?? -1)) }
        #expect(Dictionary(uniqueKeysWithValues: documented) == states)
    }

    @Test func theFaultsOfAChainAreThoseOfTheCode() {
        let faults: [String: ChainFault] = [
            "EDITED": .edited, "DELETED": .deleted, "REORDERED": .reordered, "CUT": .cut, "REWRITTEN": .rewritten,
        ]
        let rows = table(under: "### Checking the chain")
        let documented = rows.map { ($0[0], ChainFault(rawValue: Int32($0[1]) ?? -1)) }
        #expect(Dictionary(uniqueKeysWithValues: documented) == faults)
    }

    /// The rows of the first table after a heading, each as its cells without back-ticks.
    private func table(under heading: String) -> [[String]] {
        let section = Self.lines.drop { $0 != heading }.dropFirst()
        let rows = section.drop { !$0.hasPrefix("|--") }.dropFirst().prefix { $0.hasPrefix("|") }
        return rows.map { row in
            row.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map {
                $0.filter { $0 != "`" }.trimmingCharacters(in: .whitespaces)
            }
        }
    }
}
