/// `tokenbench compare`: two saved runs side by side.
enum CompareCommand {
    static let command = Command(
        name: "compare", summary: "Show two saved runs side by side, with ratios",
        details: """
            A and B are files that tokenbench run --json wrote. What differs between the runs beside their results,
            their load or their machine, is said first, and then what makes one of them worthless. Runs of one machine
            differ by some percent by chance: repeat both, by turns, before you believe a small difference.
            """,
        operands: ["A.json", "B.json"],
        examples: [
            "tokenbench run --daemon --json > a.json",
            "tokenbench compare a.json b.json",
        ]
    ) { invocation in
        let comparison = Comparison(
            before: try Report.read(invocation.operands[0]), after: try Report.read(invocation.operands[1]))
        Terminal.printLine(comparison.text)
        return .success
    }
}
