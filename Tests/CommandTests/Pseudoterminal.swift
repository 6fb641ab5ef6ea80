import Foundation
import Testing

/// A terminal with a person at it: the test.
final class Pseudoterminal {
    private let controller: Int32
    private let terminal: FileHandle

    /// TIOCSPTLCK and TIOCGPTN of ioctl_tty(2): the C library hides the functions around them from Swift.
    private static let setLock: UInt = 0x4004_5431
    private static let getNumber: UInt = 0x8004_5430

    init() throws {
        controller = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        var (lock, number): (Int32, Int32) = (0, 0)
        try #require(controller >= 0)
        try #require(ioctl(controller, Self.setLock, &lock) == 0 && ioctl(controller, Self.getNumber, &number) == 0)
        let descriptor = open("/dev/pts/\(number)", O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(descriptor >= 0)
        terminal = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    deinit { close(controller) }

    /// Starts a program at the terminal.
    func start(_ program: String, _ arguments: [String], environment: [String: String]) throws -> Process {
        let process = Programs.process(program, arguments, environment: environment)
        process.standardInput = terminal
        process.standardOutput = terminal
        process.standardError = terminal
        try process.start()
        return process
    }

    /// Whether what is typed is shown.
    var isEchoing: Bool {
        var settings = termios()
        tcgetattr(terminal.fileDescriptor, &settings)
        return settings.c_lflag & tcflag_t(ECHO) != 0
    }

    /// TIOCSWINSZ. Who runs at the terminal gets no SIGWINCH by it: it is nobody's controlling terminal.
    func resize(rows: UInt16, columns: UInt16) {
        var size = winsize(ws_row: rows, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        #expect(ioctl(controller, UInt(TIOCSWINSZ), &size) == 0)
    }

    func type(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(write(controller, bytes, bytes.count) == bytes.count)
    }

    /// What the screen shows, as soon as this is on it.
    func read(until expected: String) throws -> String {
        var screen = ""
        var bytes = [UInt8](repeating: 0, count: 4096)
        while !screen.contains(expected) {
            var readable = pollfd(fd: controller, events: Int16(POLLIN), revents: 0)
            try #require(poll(&readable, 1, 10_000) == 1, "the screen shows only: \(screen)")
            let count = Glibc.read(controller, &bytes, bytes.count)
            try #require(count > 0, "the screen shows only: \(screen)")
            screen += String(decoding: bytes.prefix(count), as: UTF8.self)
        }
        return screen
    }
}
