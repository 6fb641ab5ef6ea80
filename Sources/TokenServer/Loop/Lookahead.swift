import LinuxIO
import TokenCore
import TokenWire

/// The digests of the tokens that frames ask about which came together, worked out before the first is answered: what is
/// remembered of each is then on its way from memory while the ones before it are answered. With 100,000 tokens, waiting
/// for it takes longer than all the rest of an answer.
struct Lookahead: ~Copyable {
    private struct Glance {
        /// Where the frame begins in the input.
        let position: Int
        /// None for a frame that is no Verify in the plainest form.
        let digest: Digest?
        let isVerification: Bool
    }

    private var glances: [Glance] = []

    init() {
        glances.reserveCapacity(ServerLimits.framesPerTurnMax)
    }

    /// What the frame asks about that is number `index` of its turn and begins at `position`; nil if nothing is known of
    /// it. The position alone says which frame it is: the index is where to look.
    func digest(ofFrame index: Int, at position: Int) -> Digest? {
        index < glances.count && glances[index].position == position ? glances[index].digest : nil
    }

    /// Whether the first frame is a whole request and no Verify.
    var beginsWithAnotherCall: Bool { !glances.isEmpty && !glances[0].isVerification }

    /// Whether more than one frame has come. Of one alone nothing could be fetched before it is asked for.
    static func isWorthwhile(for input: borrowing WireBuffer) -> Bool {
        guard let first = FrameHeader(decoding: input.span) else { return false }
        return first.byteCountOfFrame < input.count
    }

    /// Looks at the whole requests at the beginning of the input, and has the places fetched of what they ask about.
    mutating func look(at input: borrowing WireBuffer, for cache: VerificationCache) {
        let bytes = input.span
        var position = 0
        while glances.count < ServerLimits.framesPerTurnMax {
            let rest = bytes.extracting(droppingFirst: position)
            guard let header = FrameHeader(decoding: rest), header.type == .request,
                header.byteCountOfFrame <= rest.count
            else { break }
            let end = position + header.byteCountOfFrame
            let body = rest.extracting(FrameHeader.byteCount..<header.byteCountOfFrame)
            let digest = Dispatcher.digest(ofPlainVerify: body)
            if let digest { cache.prefetchPlaces(of: digest) }
            let isVerification = digest != nil || PlainVerify.isVerification(body)
            glances.append(Glance(position: position, digest: digest, isVerification: isVerification))
            position = end
        }
    }

    /// Has the answers fetched, whose places were asked for some time ago.
    func fetchRecords(for cache: VerificationCache) {
        for glance in glances {
            if let digest = glance.digest { cache.prefetchRecord(of: digest) }
        }
    }

    mutating func forget() {
        if !glances.isEmpty { glances.removeAll(keepingCapacity: true) }
    }
}
