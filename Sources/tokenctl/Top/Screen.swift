import Glibc

/// The terminal while a view has it: the alternate screen, and keys as they are typed. The codes are those of
/// console_codes(4) and of xterm, which every terminal of today knows.
final class Screen {
    /// Ctrl-L.
    static let redrawKey: UInt8 = 0x0c
    /// Ctrl-D, which is what the end of the input looks like too.
    static let endOfInput: UInt8 = 0x04

    struct Size {
        let rows: Int
        let columns: Int
    }

    /// As the terminal was found.
    private var earlier = termios()
    private var isEntered = false

    /// Takes the terminal. Signals from the keyboard still are.
    func enter() {
        isEntered = tcgetattr(STDIN_FILENO, &earlier) == 0
        if isEntered {
            var settings = earlier
            settings.c_lflag &= ~tcflag_t(ECHO | ICANON)
            tcsetattr(STDIN_FILENO, TCSANOW, &settings)
        }
        // Alternate screen, cursor hidden.
        Terminal.write("\u{1B}[?1049h\u{1B}[?25l")
    }

    /// Gives it back as it was.
    func leave() {
        Terminal.write("\u{1B}[?25h\u{1B}[?1049l")
        if isEntered { tcsetattr(STDIN_FILENO, TCSANOW, &earlier) }
        isEntered = false
    }

    /// 24 lines of 80 where the terminal does not say.
    var size: Size {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0, size.ws_col > 0 else {
            return Size(rows: 24, columns: 80)
        }
        return Size(rows: Int(size.ws_row), columns: Int(size.ws_col))
    }

    /// Draws over what is there, so that nothing flickers: each line is cleared behind its end, and what is below the last.
    func show(_ lines: [String], _ size: Size) {
        let shown = lines.prefix(size.rows).map { line in
            (line.hasPrefix("\u{1B}") ? line : String(line.prefix(size.columns))) + "\u{1B}[K"
        }
        Terminal.write("\u{1B}[H" + shown.joined(separator: "\r\n") + "\u{1B}[J")
    }

    /// The next key, if one is typed in this time.
    func key(waitingAtMostMilliseconds limit: Int32) -> UInt8? {
        var input = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard poll(&input, 1, limit) > 0 else { return nil }
        var byte: UInt8 = 0
        return read(STDIN_FILENO, &byte, 1) == 1 ? byte : Self.endOfInput
    }
}
