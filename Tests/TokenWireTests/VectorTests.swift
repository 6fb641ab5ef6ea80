import Testing

@testable import TokenWire

/// The golden messages of Protocol/vectors, which protobuf's own encoder made.
@Suite struct VectorTests {
    static let encodable = Vector.messages.filter { roundTrips[$0.message] != nil }

    @Test func everyMessageOfTheProtosHasACodec() {
        let known = Set(roundTrips.keys).union(["google.protobuf.Timestamp"])
        #expect(Set(Vector.messages.map(\.message)).subtracting(known).isEmpty)
        #expect(known.subtracting(Vector.messages.map(\.message)).isEmpty)
        #expect(Vector.messages.count > 700)
    }

    /// A Status keeps the details that tokend knows and drops others; the vectors hold others.
    static func dropsDetails(_ vector: Vector) -> Bool {
        vector.message == "google.rpc.Status" || vector.message == "ttrpc.Response"
    }

    @Test(arguments: encodable)
    func decodesAndEncodesToTheCanonicalBytes(_ vector: Vector) throws {
        let trip = try #require(roundTrips[vector.message])
        let result = try trip(vector.bytes)
        let expected = vector.kind == "means" ? hexadecimal(vector.rest[0]) : vector.bytes
        if Self.dropsDetails(vector) {
            #expect(try trip(result.bytes).bytes == result.bytes)
        } else {
            #expect(result.bytes == expected)
        }
    }

    @Test(arguments: encodable.filter { $0.caseName == "filled" })
    func everyFieldIsTheOneItsNameSays(_ vector: Vector) throws {
        let trip = try #require(roundTrips[vector.message])
        var position = 0
        for child in Mirror(reflecting: try trip(vector.bytes).copy).children {
            let label = try #require(child.label)
            position += 1
            switch child.value {
            case let text as String: #expect(text == "\(snakeCase(label)) 0 é")
            case let texts as [String]: #expect(texts == (0..<2).map { "\(snakeCase(label)) \($0) é" })
            case let bytes as [UInt8]: #expect(bytes == [UInt8(position), 0, 0x80, 0xFF])
            case let number as any BinaryInteger: #expect(Int(number) == position * 1000)
            case let flag as Bool: #expect(flag)
            case let list as [any WireMessage]: #expect(list.count == 2)
            case let value as any RawRepresentable<Int32>: #expect(value.rawValue == 1 || value is StatusCode)
            case let time as Timestamp: #expect(time == Timestamp(seconds: 1000, nanoseconds: 2000))
            // Embedded messages have vectors of their own.
            default: #expect(child.value is any WireMessage || label == "errorInfo" || label == "badRequest")
            }
        }
    }

    /// The messages that don't show what they hold, and so need their fields named here.
    @Test func redactedMessagesHaveTheirFieldsInPlace() throws {
        let verify = try VerifyRequest(copying: VerifyRequest.View(Vector.bytes("tokend.v1.VerifyRequest/filled").span))
        #expect(
            verify
                == VerifyRequest(
                    token: "token 0 é", requiredScopes: ["required_scopes 0 é", "required_scopes 1 é"],
                    workspaceID: "workspace_id 0 é"))
        let call = try RequestEnvelope(copying: RequestEnvelope.View(Vector.bytes("ttrpc.Request/filled").span))
        #expect(call.service == "service 0 é" && call.method == "method 0 é")
        #expect(call.payload == [3, 0, 0x80, 0xFF] && call.timeoutNanoseconds == 4000)
        #expect(
            call.metadata == [
                KeyValue(key: "key 0 é", value: "value 0 é"), KeyValue(key: "key 0 é", value: "value 0 é"),
            ])
        let secret = try SecretTokenResponse(
            copying: SecretTokenResponse.View(Vector.bytes("tokend.v1.CreateTokenResponse/filled").span))
        #expect(secret.secret == "secret 0 é" && secret.token?.id == "id 0 é")
        let imported = try ImportedToken(
            copying: ImportedToken.View(Vector.bytes("tokend.v1.ImportedToken/filled").span))
        #expect(
            imported
                == ImportedToken(
                    digest: [1, 0, 0x80, 0xFF], name: "name 0 é", ownerID: "owner_id 0 é",
                    scopes: ["scopes 0 é", "scopes 1 é"], expiresAt: Timestamp(seconds: 1000, nanoseconds: 2000),
                    hint: "hint 0 é"))
        let status = try ResponseEnvelope(copying: ResponseEnvelope.View(Vector.bytes("ttrpc.Response/filled").span))
        #expect(status.payload == [2, 0, 0x80, 0xFF] && status.status?.message == "message 0 é")
    }

    @Test(arguments: Vector.errors.filter { $0.kind == "error" })
    func refusesWhatIsNoMessageAndSaysWhere(_ vector: Vector) throws {
        let trip = try #require(roundTrips[vector.message])
        let code = try #require(WireError.Code.allCases.first { "\($0)" == vector.rest[0] })
        let offset = try #require(Int(vector.rest[1]))
        #expect(throws: WireError(code, at: offset)) { try trip(vector.bytes) }
    }

    @Test(arguments: Vector.errors.filter { $0.kind == "means" })
    func acceptsTheLastThatIsAllowed(_ vector: Vector) throws {
        let trip = try #require(roundTrips[vector.message])
        #expect(try trip(vector.bytes).bytes == hexadecimal(vector.rest[0]))
    }

    /// Cut after any byte, a message is refused, or is a message of fewer fields; it is never a trap.
    @Test(arguments: encodable)
    func everyTruncationIsRefusedOrShorter(_ vector: Vector) throws {
        let trip = try #require(roundTrips[vector.message])
        var position = 0
        while position < vector.bytes.count {
            if let shorter = try? trip(Array(vector.bytes[..<position])) {
                #expect(shorter.bytes.count <= vector.bytes.count)
            }
            position += 1
        }
    }

    private func snakeCase(_ label: String) -> String {
        var words = ""
        var wasCapital = false
        for letter in label {
            if letter.isUppercase, !wasCapital { words += "_" }
            wasCapital = letter.isUppercase
            words += letter.lowercased()
        }
        return words
    }
}
