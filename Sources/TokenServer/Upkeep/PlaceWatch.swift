import LinuxIO

/// Looks whether the files by which clients find the daemon are still those that were made for it.
///
/// Whoever empties /run takes them away from under a daemon that goes on to serve whom it knows, and nobody else.
struct PlaceWatch: Sendable {
    enum Remedy: String, Sendable {
        case restart = "restart tokend"
        /// A socket unit makes its socket anew, which a restart of the service alone does not ask it for.
        case restartUnits = "systemctl restart tokend.socket tokend-operator.socket tokend.service"
    }

    struct Loss: Equatable, Sendable {
        let path: String
        let remedy: Remedy
    }

    private struct Place: Sendable {
        let file: PlacedFile
        let remedy: Remedy
        var isLost = false
    }

    private var places: [Place]

    /// Watches nothing.
    init() { places = [] }

    init(_ sockets: SocketPair, _ page: EpochPage) {
        places = sockets.files.map { Place(file: $0.file, remedy: $0.isHandedOver ? .restartUnits : .restart) }
        if let file = page.file { places.append(Place(file: file, remedy: .restart)) }
    }

    /// What has been lost since the last look, and what is lost by now.
    mutating func look() -> (new: [Loss], all: [Loss]) {
        var (new, all): ([Loss], [Loss]) = ([], [])
        for index in places.indices {
            let isLost = !places[index].file.isInPlace
            let loss = Loss(path: places[index].file.path, remedy: places[index].remedy)
            if isLost { all.append(loss) }
            if isLost && !places[index].isLost { new.append(loss) }
            places[index].isLost = isLost
        }
        return (new, all)
    }
}
