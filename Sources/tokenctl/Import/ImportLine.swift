import TokenClient

/// Why a line was not taken over.
struct LineRefusal: Error {
    let line: Int
    /// Its field, by the name that it has in the file; nil for the whole line.
    let field: String?
    let problem: String

    var text: String { "line \(line)\(shownField.map { ", \($0)" } ?? ""): \(problem)" }

    /// A name that is none of ours may hold what a terminal obeys.
    private var shownField: String? { field.map { ImportLine.fields.contains($0) ? $0 : JSON.quoted($0) } }

    var json: JSON {
        .object([("line", .count(line)), ("field", .optional(field)), ("problem", .string(problem))])
    }
}

/// One line of the file, understood.
struct ImportLine {
    let number: Int
    let token: ImportedToken
    /// About how long it is in a request.
    let byteCount: Int

    fileprivate static let fields = ["sha256", "name", "owner", "scopes", "expires_at", "hint"]

    /// The name that a field of the request has in the file.
    static func field(ofRequestField name: String) -> String {
        switch name {
        case "digest": "sha256"
        case "owner_id": "owner"
        default: name
        }
    }

    init(number: Int, text: some Collection<UInt8>) throws(LineRefusal) {
        var reader = try Reader(line: number, text: text)
        let digest = try reader.digest()
        let expiresAt = try reader.time("expires_at")
        token = ImportedToken(
            digest: digest, name: try reader.text("name", 1...100), ownerID: try reader.text("owner", 1...128),
            scopes: try reader.scopes(), expiresAt: expiresAt, hint: try reader.optionalText("hint", 0...16))
        self.number = number
        byteCount = text.count
    }

    /// Takes fields out of the line's object.
    private struct Reader {
        let line: Int
        private var members: [String: JSON] = [:]

        init(line: Int, text: some Collection<UInt8>) throws(LineRefusal) {
            self.line = line
            let value: JSON
            do { value = try JSON(parsing: text) } catch { throw refusal(nil, error.message) }
            guard case .object(let members) = value else { throw refusal(nil, "is not an object: {\"sha256\": …}") }
            for (name, value) in members {
                guard ImportLine.fields.contains(name) else {
                    throw refusal(name, "is no field\(Suggestion.nearest(to: name, in: ImportLine.fields))")
                }
                self.members[name] = value
            }
        }

        mutating func digest() throws(LineRefusal) -> [UInt8] {
            guard let digest = Hexadecimal.bytes(try text("sha256", 0...Int.max)), digest.count == 32 else {
                throw refusal("sha256", "must be 64 hexadecimal digits")
            }
            return digest
        }

        func text(_ field: String, _ length: ClosedRange<Int>) throws(LineRefusal) -> String {
            guard let value = members[field] else { throw refusal(field, "is missing") }
            guard case .string(let text) = value else { throw refusal(field, "must be a text in quotes") }
            guard length.contains(text.unicodeScalars.count) else {
                throw refusal(field, "must have \(length.lowerBound) to \(length.upperBound) characters")
            }
            return text
        }

        func optionalText(_ field: String, _ length: ClosedRange<Int>) throws(LineRefusal) -> String {
            isAbsent(field) ? "" : try text(field, length)
        }

        func time(_ field: String) throws(LineRefusal) -> Timestamp? {
            if isAbsent(field) { return nil }
            guard let time = Timestamp(try text(field, 0...Int.max)) else {
                throw refusal(field, "is no time; write 2027-01-31T12:00:00Z")
            }
            return time
        }

        func scopes() throws(LineRefusal) -> [String] {
            guard let value = members["scopes"] else { throw refusal("scopes", "is missing") }
            var scopes: [String] = []
            if case .array(let elements) = value {
                for case .string(let scope) in elements { scopes.append(scope) }
                if scopes.count == elements.count && (1...50).contains(scopes.count) { return scopes }
            }
            throw refusal("scopes", "must be a list of 1 to 50 texts: [\"issues:read\"]")
        }

        private func isAbsent(_ field: String) -> Bool {
            switch members[field] {
            case nil, .null: true
            default: false
            }
        }

        private func refusal(_ field: String?, _ problem: String) -> LineRefusal {
            LineRefusal(line: line, field: field, problem: problem)
        }
    }
}
