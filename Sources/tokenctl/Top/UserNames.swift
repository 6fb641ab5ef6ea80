import Glibc

/// Names of the host's users, each looked up once: where they come over the network it takes time.
struct UserNames {
    private var known: [String: String] = [:]

    /// `1000 (ann)`, or the number alone when it has no name.
    mutating func text(ofUser id: String) -> String {
        if let text = known[id] { return text }
        var text = id
        if let number = UInt32(id), let entry = getpwuid(number), let name = entry.pointee.pw_name {
            text = "\(id) (\(String(cString: name)))"
        }
        known[id] = text
        return text
    }
}
