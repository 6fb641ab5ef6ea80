/// What tokend exits with, after sysexits(3).
package enum ExitCode: Int32, CaseIterable {
    case success = 0
    case usage = 64
    case noInput = 66
    case software = 70
    case system = 71
    case cannotCreate = 73
    case disk = 74
    case held = 75
    case notPermitted = 77
    case configuration = 78

    /// For help and the manual.
    package var meaning: String {
        switch self {
        case .success: "ended as asked"
        case .usage: "the command line is wrong; nothing was tried"
        case .noInput: "there is no such file, or it can't be read"
        case .software: "a fault of tokend"
        case .system: "the system refused something, such as a thread; a restart may help"
        case .cannotCreate: "a file or standard output can't be written"
        case .disk: "the store's disk failed, or can't be read; the store takes no change before a restart"
        case .held: "another process has the store"
        case .notPermitted: "not permitted"
        case .configuration: "store, socket or configuration is wrong; a restart changes nothing"
        }
    }
}
