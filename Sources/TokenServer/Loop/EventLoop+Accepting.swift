import LinuxIO
import TokenCore

/// New connections.
extension EventLoop {
    func listen(on kind: SocketKind) throws(SystemError) {
        let (descriptor, registration) =
            switch kind {
            case .service: (listeners.service.descriptor.rawValue, Registration.serviceListener)
            case .operator: (listeners.operator.descriptor.rawValue, Registration.operatorListener)
            }
        try poller.add(descriptor, [.read, .exclusive], registration: registration)
    }

    func stopListening(on kind: SocketKind) {
        switch kind {
        case .service: poller.remove(listeners.service.descriptor.rawValue)
        case .operator: poller.remove(listeners.operator.descriptor.rawValue)
        }
    }

    func accept(from kind: SocketKind) {
        // The event may have been fetched together with the wish to end.
        if ending != .running { return }
        let accepted =
            switch kind {
            case .service: listeners.service.accept(reserve: &reserve)
            case .operator: listeners.operator.accept(reserve: &reserve)
            }
        switch consume accepted {
        case .none: break
        case .turnedAway: admission.noteTurnedAway()
        case .failed(let error):
            // The peer still waits, so that the poller would report it at once, again and again.
            admission.noteFailure(error)
            stopListening(on: kind)
            pausedListeners.append(kind)
            hasArmedDeadlines = true
        case .connection(let descriptor): admit(descriptor, kind)
        }
    }

    func admit(_ descriptor: consuming FileDescriptor, _ kind: SocketKind) {
        guard let (peer, share) = admission.admit(descriptor.rawValue, on: kind) else { return }
        let connection = Connection(
            registration: connections.nextRegistration, descriptor: descriptor, peer: peer, share: share,
            timeouts, now: SystemClock.monotonicNanoseconds())
        connection.userPlace = dispatcher.metrics.place(ofUser: peer.credentials.userID)
        do throws(SystemError) {
            try poller.add(connection.descriptor.rawValue, connection.interest, registration: connection.registration)
        } catch {
            admission.release(peer)
            admission.noteFailure(error)
            return
        }
        connections.insert(connection)
        hasArmedDeadlines = true
    }

    /// Tries the sockets again from which no connection could be taken.
    func resumeListening() {
        let paused = pausedListeners
        pausedListeners = []
        for kind in paused {
            do throws(SystemError) {
                try listen(on: kind)
            } catch {
                admission.noteFailure(error)
                pausedListeners.append(kind)
                hasArmedDeadlines = true
            }
        }
    }
}
