import Testing
import TokenCore
import TokenStore
import TokenWire

@testable import TokenServer

extension ServerTests {
    @Suite("Checking the chain over the wire")
    struct ChainRangeTests {
        /// As a client does that goes on while there is more; how many calls that took.
        private func check(
            _ client: RawClient, from first: UInt64, through last: UInt64
        ) throws -> (report: VerifyChainResponse, callCount: Int) {
            var request = VerifyChainRequest(firstSeq: first, lastSeq: last)
            var callCount = 0
            while true {
                callCount += 1
                let report = try client.call(.verifyChain, request).decode {
                    try VerifyChainResponse(copying: VerifyChainResponse.View($0))
                }
                if report.nextSeq == 0 || callCount == 5 { return (report, callCount) }
                request = VerifyChainRequest(
                    firstSeq: report.nextSeq, lastSeq: last, knownSeq: report.lastSeq, knownHash: report.lastHash)
            }
        }

        @Test func aRangeMayEndWhereASliceDoes() throws {
            let fixture = try ServerFixture()
            let client = try fixture.operatorClient()
            let sliceCount = UInt64(StoreReader.chainCallRowCountMax)
            for count in [sliceCount, sliceCount + 1] {
                fixture.addEvents(upTo: Int(count))
                for last in [0, count, count + 1, 1_000_000] {
                    let (report, callCount) = try check(client, from: 1, through: last)
                    #expect(report.intact && report.lastSeq == count, "\(last) of \(count)")
                    #expect(callCount == Int(count - sliceCount) + 1)
                }
            }
            let (report, callCount) = try check(client, from: 1, through: sliceCount)
            #expect(report.intact && report.lastSeq == sliceCount && callCount == 1)
        }
    }
}
