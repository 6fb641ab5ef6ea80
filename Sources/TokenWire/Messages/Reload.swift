/// The configuration is in force.
package struct ReloadResponse: WireMessage, Equatable, Sendable {
    package var changedSettings: [String]
    /// Those that wait for a restart.
    package var restartSettings: [String]

    package init(changedSettings: [String] = [], restartSettings: [String] = []) {
        self.changedSettings = changedSettings
        self.restartSettings = restartSettings
    }

    package func write<Sink: FieldSink>(to sink: inout Sink) {
        sink.texts(1, changedSettings)
        sink.texts(2, restartSettings)
    }
}

extension ReloadResponse {
    /// A received `ReloadResponse`.
    package struct View: WireView, ~Escapable {
        package private(set) var changedSettings: TextList
        package private(set) var restartSettings: TextList

        @_lifetime(immortal)
        package init() {
            changedSettings = TextList()
            restartSettings = TextList()
        }

        @_lifetime(self: copy self, copy body)
        package mutating func merge(_ body: MessageBody) throws(WireError) {
            var reader = WireReader(body)
            while let field = try reader.nextField() {
                switch (field.number, field.wireType) {
                case (1, .lengthDelimited): try changedSettings.read(field, in: body, from: &reader)
                case (2, .lengthDelimited): try restartSettings.read(field, in: body, from: &reader)
                default: try reader.skip(field)
                }
            }
        }
    }

    package init(copying view: View) {
        changedSettings = view.changedSettings.strings
        restartSettings = view.restartSettings.strings
    }
}
