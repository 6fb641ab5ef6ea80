/// Where the value of a setting comes from. A number that is not named here comes from a newer peer and is kept.
package struct SettingOrigin: RawRepresentable, Hashable, Sendable {
    package var rawValue: Int32

    package init(rawValue: Int32) { self.rawValue = rawValue }

    package static let unspecified = SettingOrigin(rawValue: 0)
    package static let builtIn = SettingOrigin(rawValue: 1)
    package static let file = SettingOrigin(rawValue: 2)
    package static let commandLine = SettingOrigin(rawValue: 3)
}

/// A setting of the configuration, as it is in force.
package struct SettingValue: WireMessage, Equatable, Sendable {
    package var name: String
    /// Empty for none.
    package var value: String
    package var origin: SettingOrigin
    /// The file and the line of what a file says.
    package var place: String

    package init(name: String = "", value: String = "", origin: SettingOrigin = .unspecified, place: String = "") {
        self.name = name
        self.value = value
        self.origin = origin
        self.place = place
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.text(1, name)
        sink.text(2, value)
        sink.enumeration(3, origin)
        sink.text(4, place)
    }
}

extension SettingValue {
    /// A received `SettingValue`.
    package struct View: WireView, ~Escapable {
        package private(set) var name: UTF8Span
        package private(set) var value: UTF8Span
        package private(set) var origin = SettingOrigin.unspecified
        package private(set) var place: UTF8Span

        @_lifetime(immortal)
        package init() {
            name = .empty
            value = .empty
            place = .empty
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): name = try reader.text()
                case (2, .lengthDelimited): value = try reader.text()
                case (3, .varint): origin = try reader.enumeration()
                case (4, .lengthDelimited): place = try reader.text()
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        name = String(copying: view.name)
        value = String(copying: view.value)
        origin = view.origin
        place = String(copying: view.place)
    }
}
