import Foundation
import Testing

/// A line of a file in Protocol/vectors, whose README.md tells what the words mean.
struct Vector: CustomTestStringConvertible {
    var kind: Substring
    var name: Substring
    var bytes: [UInt8]
    var rest: [Substring]

    var testDescription: String { String(name) }
    var message: Substring { name.prefix { $0 != "/" } }
    var caseName: Substring { name.drop { $0 != "/" }.dropFirst() }

    static let messages = load("messages.txt")
    static let errors = load("errors.txt")
    static let frames = load("frames.txt")
    static let events = load("audit.txt")

    /// The bytes of the frame of that name.
    static func frame(_ name: String) -> [UInt8] { frames.first { $0.name == name }?.bytes ?? [] }

    /// The `AuditEvent` of that name.
    static func audit(_ name: String) -> [UInt8] { events.first { $0.name == name }?.bytes ?? [] }

    static func bytes(_ name: String) -> [UInt8] { messages.first { $0.name == name }?.bytes ?? [] }

    private static func load(_ file: String) -> [Vector] {
        guard let text = try? String(contentsOf: protocolFolder.appending(path: "vectors/\(file)"), encoding: .utf8)
        else { return [] }
        return text.split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let words = line.split(separator: " ")
            return Vector(
                kind: words[0], name: words[1], bytes: hexadecimal(words[2]), rest: Array(words.dropFirst(3)))
        }
    }
}

/// The folder Protocol/ of the repository.
let protocolFolder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "Protocol")

func hexadecimal(_ text: some StringProtocol) -> [UInt8] {
    guard text != "-" else { return [] }
    let digits = text.utf8.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0.advanced(by: 1)]) }
}

/// A generator with a seed (SplitMix64), so that a failure can be repeated.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
