import Foundation
import Testing

@testable import TokenWire

/// The table of methods is that of the proto files.
@Suite struct MethodTests {
    @Test func theTableHasEveryMethodOfTheProtosAndNoOther() throws {
        var declared: [String: Bool] = [:]
        for file in ["verification", "token", "service_account", "member", "audit", "operations"] {
            declared.merge(try methods(inProto: "tokend/v1/\(file).proto")) { first, _ in first }
        }
        declared.merge(try methods(inProto: "grpc/health/v1/health.proto")) { first, _ in first }
        let table = Dictionary(
            uniqueKeysWithValues: Method.allCases.map { ("\($0.service.name)/\($0.name)", $0.isServerStreaming) })
        #expect(table == declared)
    }

    /// "package.Service/Method", and whether it streams.
    private func methods(inProto path: String) throws -> [String: Bool] {
        let text = try String(contentsOf: protocolFolder.appending(path: path), encoding: .utf8)
        var methods: [String: Bool] = [:]
        var package = ""
        var service = ""
        for line in text.split(separator: "\n") {
            let words = line.split { " ();".contains($0) }
            switch words.first {
            case "package": package = String(words[1])
            case "service": service = String(words[1])
            case "rpc": methods["\(package).\(service)/\(words[1])"] = words.contains("stream")
            default: break
            }
        }
        return methods
    }

    @Test(arguments: Method.allCases)
    func everyMethodIsFoundByItsNames(_ method: TokenWire.Method) {
        let service = Array("\(method.service.name)".utf8)
        let name = Array("\(method.name)".utf8)
        let found = TokenWire.Method(service: service.span, method: name.span)
        #expect(found == method)
        let inUpperCase = TokenWire.Method(
            service: service.span, method: Array("\(method.name)".uppercased().utf8).span)
        let otherService = TokenWire.Method(service: Array("tokend.v1.X".utf8).span, method: name.span)
        #expect(inUpperCase == nil && otherService == nil)
    }

    @Test(arguments: [
        "", "/", "Verify/", "/Verify", "tokend.v1.VerificationService/Verify", "verify",
        String(repeating: "x", count: 65536),
    ])
    func anyOtherNameIsNoMethod(_ name: String) {
        for service in Service.allCases {
            let method = TokenWire.Method(service: Array("\(service.name)".utf8).span, method: Array(name.utf8).span)
            #expect(method == nil)
        }
    }
}
