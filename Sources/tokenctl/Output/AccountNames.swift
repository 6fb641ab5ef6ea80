import Glibc

/// Names of this host's users and groups; the number where there is none.
enum AccountNames {
    static func user(_ id: UInt32) -> String { name(ofUser: id) ?? "uid \(id)" }

    static func group(_ id: UInt32) -> String { name(ofGroup: id) ?? "gid \(id)" }

    static func userID(named name: String) -> UInt32? { getpwnam(name)?.pointee.pw_uid }

    static func name(ofUser id: UInt32) -> String? {
        getpwuid(id).flatMap { $0.pointee.pw_name }.map { String(cString: $0) }
    }

    static func name(ofGroup id: UInt32) -> String? {
        getgrgid(id).flatMap { $0.pointee.gr_name }.map { String(cString: $0) }
    }

    /// The groups that this process has.
    static var ownGroups: Set<UInt32> {
        var groups = [gid_t](repeating: 0, count: Int(max(0, getgroups(0, nil))))
        let count = getgroups(Int32(groups.count), &groups)
        return Set(groups.prefix(Int(max(0, count)))).union([getegid()])
    }

    /// The groups that this process's user would have after logging in now, as /etc/group says.
    static var groupsOfNextLogin: Set<UInt32> {
        guard let entry = getpwuid(geteuid()), let name = entry.pointee.pw_name else { return [] }
        var count: Int32 = 1_024
        var groups = [gid_t](repeating: 0, count: Int(count))
        let found = getgrouplist(name, entry.pointee.pw_gid, &groups, &count)
        return found < 0 ? [] : Set(groups.prefix(Int(count)))
    }
}
