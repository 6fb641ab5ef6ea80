import TokenWire

extension TokenWire.SettingValue {
    init(_ setting: SettingValue) {
        self.init(name: setting.name, value: setting.text)
        switch setting.origin {
        case .builtIn: origin = .builtIn
        case .commandLine: origin = .commandLine
        case .file(let file, let line):
            origin = .file
            place = "\(file):\(line)"
        }
    }
}
