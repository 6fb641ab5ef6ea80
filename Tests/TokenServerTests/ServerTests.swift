import Testing

/// All that starts servers: one after another, because much of it is about time and load.
@Suite("The server", .serialized)
enum ServerTests {}
