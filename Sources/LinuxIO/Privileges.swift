import Glibc

/// Which user the process is.
package enum Privileges {
    /// Root becomes, for good, the owner of the directory it is to work on, so that what it makes there is the owner's.
    package static func becomeOwner(ofDirectory path: String) throws(SystemError) {
        var status = stat()
        if geteuid() != 0 || stat(path, &status) != 0 || status.st_uid == 0 { return }
        // Groups first: without root's uid they could no longer be given up.
        if setgroups(0, nil) != 0 { throw .last("setgroups") }
        if setgid(status.st_gid) != 0 { throw .last("setgid") }
        if setuid(status.st_uid) != 0 { throw .last("setuid") }
    }

    /// As many open files as the hard limit allows: each connection is one.
    package static func raiseOpenFileLimit() {
        var limit = rlimit()
        let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        if getrlimit(resource, &limit) != 0 { return }
        limit.rlim_cur = limit.rlim_max
        _ = setrlimit(resource, &limit)
    }
}
