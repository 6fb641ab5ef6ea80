/// Names of the host's users, each looked up once: where they come over the network it takes time.
struct UserNames {
    private var known: [String: String] = [:]

    /// `1000 (ann)`, or the number alone when it has no name.
    mutating func text(ofUser id: String) -> String {
        if let text = known[id] { return text }
        let name = UInt32(id).flatMap(AccountNames.name(ofUser:))
        let text = name.map { "\(id) (\($0))" } ?? id
        known[id] = text
        return text
    }
}
