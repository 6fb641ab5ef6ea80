import TokenClient

extension ChainReport {
    var json: JSON {
        .object([
            ("intact", .bool(isIntact)), ("first_seq", .count(first)),
            ("last_seq", last.map { .count($0.sequence) } ?? .null),
            ("last_hash", last.map { .hexadecimal($0.hash) } ?? .null), ("fault", .optional(fault?.text)),
            ("fault_seq", faultSequence.map { .count($0) } ?? .null),
            ("floor_seq", floor.map { .count($0.sequence) } ?? .null),
            ("floor_hash", floor.map { .hexadecimal($0.hash) } ?? .null), ("mark_seq", .count(markSequence)),
            ("recoveries", .count(recoveryCount)),
        ])
    }

    var text: String {
        TextTable.pairs([
            ("chain", isIntact ? Terminal.styled("intact", .good) : Terminal.styled("broken", .bad)),
            ("fault", fault.map { "event \(faultSequence.map(String.init) ?? "?") \($0.meaning)" }),
            ("found right", last.map { "events \(first) to \($0.sequence)" } ?? "none"),
            ("last", last.map(\.text)), ("pruned up to", floor.map(\.text)), ("mark", String(markSequence)),
            ("recoveries", recoveryCount == 0 ? nil : String(recoveryCount)),
        ])
    }
}

extension ChainHead {
    /// As `--known` takes it and the daemon's log has it.
    var text: String { "\(sequence):\(Hexadecimal.text(hash))" }
}

extension ChainFault {
    var text: String {
        switch self {
        case .edited: "edited"
        case .deleted: "deleted"
        case .reordered: "reordered"
        case .cut: "cut"
        case .rewritten: "rewritten"
        case .unrecognized(let number): "fault_\(number)"
        }
    }

    /// What befell the event, behind its number.
    fileprivate var meaning: String {
        switch self {
        case .edited: "was edited: its hash is not that of what it says"
        case .deleted: "is missing, and neither pruning nor an accepted recovery explains it"
        case .reordered: "had another number"
        case .cut: "is gone: the chain ends before it"
        case .rewritten: "has another hash than is known from elsewhere: the chain was computed anew"
        case .unrecognized(let number): "has a fault that this version doesn't know, number \(number)"
        }
    }
}
