// swift-tools-version: 6.2
import PackageDescription

/// Settings of every Swift target.
let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),  // SE-0335: a boxed value is visible as `any`
    .enableUpcomingFeature("InternalImportsByDefault"),  // SE-0409
    .enableUpcomingFeature("MemberImportVisibility"),  // SE-0444
    .enableUpcomingFeature("InferIsolatedConformances"),  // SE-0470
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),  // SE-0461
]

/// TokenWire's views are `~Escapable` slices of a frame; a function that returns one needs `@_lifetime`.
let lifetimes: SwiftSetting = .enableExperimentalFeature("Lifetimes")

/// The programs carry the runtime of Swift, as the Debian package's do: each shared library of it costs a running daemon
/// memory for all that it does not use. Tests are built for debugging and share theirs with the toolchain's.
let carriesRuntime: LinkerSetting = .unsafeFlags(
    ["-static-stdlib", "-Xlinker", "--no-export-dynamic"], .when(configuration: .release))

let package = Package(
    name: "tokend",
    products: [
        .library(name: "TokenClient", targets: ["TokenClient"]),
        .executable(name: "tokend", targets: ["tokend"]),
        .executable(name: "tokenctl", targets: ["tokenctl"]),
        .executable(name: "tokenbench", targets: ["tokenbench"]),
    ],
    targets: [
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
        .target(name: "CLinux", cSettings: [.define("_GNU_SOURCE")]),
        .target(name: "TokenWire", swiftSettings: settings + [lifetimes]),
        .target(name: "TokenCore", dependencies: ["CLinux"], swiftSettings: settings),
        .target(name: "LinuxIO", dependencies: ["CLinux"], swiftSettings: settings),
        .target(name: "TokenStore", dependencies: ["TokenCore", "LinuxIO", "CSQLite"], swiftSettings: settings),
        .target(
            name: "TokenServer", dependencies: ["TokenWire", "TokenCore", "LinuxIO", "TokenStore"],
            swiftSettings: settings),
        .target(name: "TokenClient", dependencies: ["TokenWire", "LinuxIO", "TokenCore"], swiftSettings: settings),
        .executableTarget(
            name: "tokend", dependencies: ["TokenServer"], swiftSettings: settings, linkerSettings: [carriesRuntime]),
        .executableTarget(
            name: "tokenctl", dependencies: ["TokenClient"], swiftSettings: settings, linkerSettings: [carriesRuntime]),
        .executableTarget(name: "tokenbench", dependencies: ["TokenClient"], swiftSettings: settings),

        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: settings),
        .testTarget(name: "TokenWireTests", dependencies: ["TokenWire"], swiftSettings: settings),
        .testTarget(name: "TokenCoreTests", dependencies: ["TokenCore"], swiftSettings: settings),
        .testTarget(name: "LinuxIOTests", dependencies: ["LinuxIO", "TestSupport"], swiftSettings: settings),
        .testTarget(name: "TokenStoreTests", dependencies: ["TokenStore", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "TokenServerTests", dependencies: ["TokenServer", "tokend"], swiftSettings: settings),
        .testTarget(
            name: "TokenClientTests", dependencies: ["TokenClient", "TokenServer", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "CommandTests",
            dependencies: ["TokenClient", "TokenWire", "LinuxIO", "tokend", "tokenctl", "TestSupport"],
            exclude: ["Golden"], swiftSettings: settings),
        .testTarget(name: "BenchTests", dependencies: ["tokenbench", "tokend"], swiftSettings: settings),
        .testTarget(name: "RepositoryTests", swiftSettings: settings),
    ],
    swiftLanguageModes: [.v6]
)
