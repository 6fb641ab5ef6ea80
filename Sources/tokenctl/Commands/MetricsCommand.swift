import TokenClient

/// `tokenctl metrics`: what the daemon counts, for the host's monitoring.
enum MetricsCommand {
    static let commands = [metrics]

    private static let metrics = Command(
        path: ["metrics"], caller: .operator, summary: "Print what the daemon counts, in Prometheus' text format",
        details: """
            For root and the daemon's user. A timer that runs it with --output-file keeps a file for the textfile \
            collector of Prometheus' node_exporter, which reads FILE.prom: it is replaced as a whole, and everybody may \
            read it.
            """,
        options: [
            .init(
                name: "--output-file", value: "FILE", help: "replace this file with them, and print nothing",
                completion: .file)
        ],
        examples: [
            "tokenctl metrics | grep verifications",
            "tokenctl metrics --output-file /var/lib/prometheus/node-exporter/tokend.prom",
        ]
    ) { invocation in
        let path = try invocation.value("--output-file").map(invocation.newFile)
        let text = try invocation.operatorClient().metrics()
        if let path {
            try MetricsFile.replace(path, with: text)
        } else if invocation.wantsJSON {
            Terminal.printLine(MetricsReading(text).json.text)
        } else {
            Terminal.write(text)
        }
        return .success
    }
}

extension MetricsReading {
    /// Each sample with its labels, in the order of the names.
    fileprivate var json: JSON {
        .array(
            names.flatMap { name in
                samples(of: name).map { sample in
                    .object([
                        ("name", .string(name)),
                        (
                            "labels",
                            .object(sample.labels.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
                        ),
                        ("value", .decimal(sample.value)),
                    ])
                }
            })
    }
}
