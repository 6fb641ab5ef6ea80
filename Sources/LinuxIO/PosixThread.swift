private import CLinux
import Glibc

/// A thread that runs one closure. See pthread_create(3).
package struct PosixThread: ~Copyable, Sendable {
    private let handle: pthread_t

    private final class Start {
        let name: String
        let body: @Sendable () -> Void

        init(name: String, body: @escaping @Sendable () -> Void) {
            self.name = name
            self.body = body
        }
    }

    /// `name` is what `ps -L` and a debugger show, at most 15 bytes.
    package init(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        var handle = pthread_t()
        let start = Unmanaged.passRetained(Start(name: name, body: body))
        let code = pthread_create(
            &handle, nil,
            { argument in
                guard let argument else { return nil }
                let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
                clinux_name_thread(start.name)
                start.body()
                return nil
            }, start.toOpaque())
        if code != 0 {
            start.release()
            throw SystemError("pthread_create", code: code)
        }
        self.handle = handle
    }

    /// Waits until the closure has returned.
    package consuming func join() {
        pthread_join(handle, nil)
        discard self
    }

    deinit {
        pthread_detach(handle)
    }
}
