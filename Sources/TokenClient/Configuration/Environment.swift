internal import Glibc

/// A variable of the environment, nil when it isn't set or when the environment isn't to be trusted.
///
/// secure_getenv(3) is what decides, and Glibc's module doesn't show it, so the dynamic linker is asked for it. Where
/// it can't be found no variable is set.
package func secureEnvironment(_ name: String) -> String? {
    guard let address = dlsym(nil, "secure_getenv") else { return nil }
    typealias Function = @convention(c) (UnsafePointer<CChar>) -> UnsafeMutablePointer<CChar>?
    // Sound: this is the type that secure_getenv(3) gives, and glibc's ABI doesn't change.
    let function = unsafeBitCast(address, to: Function.self)
    return function(name).map { String(cString: $0) }
}

/// The accounts of this host.
enum Accounts {
    /// The name of a group, nil if it has none here or can't be looked up. See getgrgid_r(3).
    static func groupName(_ id: UInt32) -> String? {
        var entry = group()
        var found: UnsafeMutablePointer<group>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16384) { texts in
            guard let start = texts.baseAddress,
                getgrgid_r(id, &entry, start, texts.count, &found) == 0, found != nil
            else { return nil }
            return String(cString: entry.gr_name)
        }
    }

    /// The uid of a user, nil if there is none of that name or it can't be looked up. See getpwnam_r(3).
    static func userID(named name: String) -> UInt32? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16384) { texts in
            guard let start = texts.baseAddress,
                getpwnam_r(name, &entry, start, texts.count, &found) == 0, found != nil
            else { return nil }
            return entry.pw_uid
        }
    }
}
