import TokenClient

extension SettingValue {
    var json: JSON {
        .object([
            ("name", .string(name)), ("value", .optional(value)), ("origin", .string(origin.name)),
            ("place", .optional(origin.place)),
        ])
    }

    static func table(_ settings: [SettingValue]) -> String {
        var table = TextTable(header: ["setting", "value", "from"])
        for setting in settings {
            table.add([setting.name, setting.value ?? "-", setting.origin.place ?? setting.origin.text])
        }
        return table.text
    }
}

extension SettingValue.Origin {
    fileprivate var name: String {
        switch self {
        case .builtIn: "built_in"
        case .file: "file"
        case .commandLine: "command_line"
        case .unrecognized(let number): "origin_\(number)"
        }
    }

    fileprivate var text: String { name.replacing("_", with: " ") }

    /// The file and the line.
    fileprivate var place: String? {
        if case .file(let place) = self { place } else { nil }
    }
}
