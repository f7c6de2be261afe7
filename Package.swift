// swift-tools-version: 6.2
import PackageDescription

// The order of the targets is the order of the layers: an arrow goes up this list, never down it.
// `Tests/ArchitectureTests` reads the imports and holds the code to it.

let warnings: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
  name: "belay",
  products: [
    .library(name: "RunbookParser", targets: ["RunbookParser"]),
    .library(name: "RunbookExecutor", targets: ["RunbookExecutor"]),
    .executable(name: "belay", targets: ["belay"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.3.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
  ],
  targets: [
    // Compiling: bytes become a plan.
    .target(name: "Diagnostics", swiftSettings: warnings),
    .target(name: "TerminalText", swiftSettings: warnings),
    .systemLibrary(
      name: "CLibYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"]), .brew(["libyaml"])]),
    .target(name: "YAMLSyntax", dependencies: ["CLibYAML", "Diagnostics"], swiftSettings: warnings),
    .target(name: "CanonicalJSON", swiftSettings: warnings),
    .target(name: "Expressions", dependencies: ["CanonicalJSON", "Diagnostics"], swiftSettings: warnings),
    .target(
      name: "RunbookParser",
      dependencies: [
        "Diagnostics", "YAMLSyntax", "CanonicalJSON", "Expressions", .product(name: "Crypto", package: "swift-crypto"),
      ], swiftSettings: warnings),
    .target(
      name: "RunbookFormatter", dependencies: ["Diagnostics", "YAMLSyntax", "RunbookParser"], swiftSettings: warnings),

    // Deciding: a plan and events become effects.
    .target(
      name: "RunEngine",
      dependencies: [
        "CanonicalJSON", "RunbookParser", "Expressions", .product(name: "HeapModule", package: "swift-collections"),
      ], swiftSettings: warnings),

    // Remembering: every event becomes a record.
    .systemLibrary(
      name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
    .target(
      name: "Journal",
      dependencies: [
        "CSQLite", "CZlib", "CanonicalJSON", "Expressions", "RunbookParser", "RunEngine",
        .product(name: "Crypto", package: "swift-crypto"),
      ], swiftSettings: warnings),

    // Rehearsing: a scenario performs the effects.
    .target(
      name: "Rehearsal",
      dependencies: ["CanonicalJSON", "Diagnostics", "Expressions", "RunbookParser", "RunEngine", "Journal"],
      swiftSettings: warnings),

    // Doing: effects are performed.
    .target(
      name: "RunbookExecutor",
      dependencies: ["CanonicalJSON", "Expressions", "RunbookParser", "RunEngine", "Journal"], swiftSettings: warnings),
    .target(name: "CProcessShims"),
    .target(
      name: "Performers",
      dependencies: [
        "CProcessShims", "RunbookExecutor", "TerminalText",
        .product(name: "AsyncHTTPClient", package: "async-http-client"),
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ], swiftSettings: warnings),

    // Showing and composing.
    .target(
      name: "Presentation",
      dependencies: [
        "Diagnostics", "TerminalText", "CanonicalJSON", "Expressions", "RunbookParser", "RunEngine", "Journal",
        "Rehearsal",
      ], swiftSettings: warnings),
    .target(
      name: "BelayCLI",
      dependencies: [
        "Diagnostics", "TerminalText", "YAMLSyntax", "CanonicalJSON", "Expressions", "RunbookParser", "RunEngine",
        "Journal", "Rehearsal", "RunbookFormatter", "RunbookExecutor", "Performers", "Presentation",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: warnings),
    .executableTarget(name: "belay", dependencies: ["BelayCLI"], swiftSettings: warnings),

    // Tests.
    .target(
      name: "BelayTestSupport",
      dependencies: [
        "CanonicalJSON", "Diagnostics", "Expressions", "RunbookParser", "RunEngine", "Journal", "RunbookExecutor",
      ], path: "Tests/BelayTestSupport", swiftSettings: warnings),
    .testTarget(
      name: "SyntaxTests", dependencies: ["Diagnostics", "CanonicalJSON", "YAMLSyntax"], swiftSettings: warnings),
    .testTarget(
      name: "ParserTests",
      dependencies: [
        "BelayTestSupport", "CanonicalJSON", "Diagnostics", "Expressions", "Presentation", "RunbookParser",
      ], exclude: ["Diagnostics"], swiftSettings: warnings),
    .testTarget(
      name: "FormatterTests",
      dependencies: ["BelayTestSupport", "Diagnostics", "RunbookFormatter", "RunbookParser", "YAMLSyntax"],
      exclude: ["Layouts"], swiftSettings: warnings),
    .testTarget(
      name: "PresentationTests", dependencies: ["BelayTestSupport", "Diagnostics", "Presentation", "RunbookParser"],
      exclude: ["Graphs/Golden"], swiftSettings: warnings),
    .testTarget(
      name: "CommandLineTests",
      dependencies: ["belay", "BelayTestSupport", "CanonicalJSON", "Journal", "Performers", "RunbookExecutor"],
      exclude: ["Schemas", "Transcripts"],
      swiftSettings: warnings),
    .testTarget(
      name: "EngineTests",
      dependencies: [
        "BelayTestSupport", "CanonicalJSON", "Diagnostics", "Expressions", "RunbookParser", "RunEngine", "Journal",
        "RunbookExecutor",
      ], swiftSettings: warnings),
    .testTarget(
      name: "RehearsalTests",
      dependencies: ["BelayTestSupport", "Diagnostics", "Journal", "Rehearsal", "RunEngine", "RunbookParser"],
      swiftSettings: warnings),
    .testTarget(
      name: "TortureTests", dependencies: ["belay", "BelayTestSupport", "CanonicalJSON"], swiftSettings: warnings),
    .testTarget(
      name: "ExecutorTests", dependencies: ["BelayTestSupport", "RunbookExecutor"], swiftSettings: warnings),
    .testTarget(
      name: "ExampleTests", dependencies: ["belay", "BelayTestSupport", "CanonicalJSON"], swiftSettings: warnings),
    .target(
      name: "KubernetesStandIn",
      dependencies: [
        "CZlib", "BelayTestSupport", "CanonicalJSON", .product(name: "NIOCore", package: "swift-nio"),
        .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOWebSocket", package: "swift-nio"),
      ], path: "Tests/KubernetesStandIn", swiftSettings: warnings),
    .testTarget(
      name: "ElsewhereTests", dependencies: ["belay", "BelayTestSupport", "CanonicalJSON", "KubernetesStandIn"],
      swiftSettings: warnings),
    .testTarget(
      name: "RunbookTests", dependencies: ["belay", "BelayTestSupport", "CanonicalJSON", "KubernetesStandIn"],
      swiftSettings: warnings),
    .testTarget(name: "ArchitectureTests", dependencies: ["BelayTestSupport"], swiftSettings: warnings),
    .testTarget(name: "ExpressionsTests", dependencies: ["CanonicalJSON", "Expressions"], swiftSettings: warnings),
    .testTarget(
      name: "JournalTests", dependencies: ["CSQLite", "CanonicalJSON", "Journal", "BelayTestSupport"],
      swiftSettings: warnings),
    .testTarget(
      name: "PerformersTests",
      dependencies: [
        "CProcessShims", "Performers", "BelayTestSupport",
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
        .product(name: "NIOHTTP1", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
      ], swiftSettings: warnings),
  ],
  swiftLanguageModes: [.v6]
)

// The fuzzers are built on request only, by `Tests/Fuzzing/run`: their `main` is libFuzzer's.
if Context.environment["BELAY_FUZZ"] != nil {
  package.targets.append(
    .target(name: "FuzzingLimits", path: "Tests/Fuzzing/FuzzingLimits", swiftSettings: warnings))
  for (name, dependencies) in [
    ("YAMLFuzzer", ["Diagnostics", "YAMLSyntax"]), ("ExpressionFuzzer", ["Expressions"]),
    ("CompilerFuzzer", ["CanonicalJSON", "Diagnostics", "Presentation", "RunbookFormatter", "RunbookParser"]),
  ] {
    package.targets.append(
      .executableTarget(
        name: name, dependencies: (["FuzzingLimits"] + dependencies).map { .byName(name: $0) },
        path: "Tests/Fuzzing/\(name)",
        swiftSettings: warnings + [.unsafeFlags(["-parse-as-library"])]))
  }
}

// What measures rehearsals within one process is built on request only, by `make bench`.
if Context.environment["BELAY_BENCH"] != nil {
  package.targets.append(
    .executableTarget(
      name: "RehearsalBenchmark", dependencies: ["Diagnostics", "Rehearsal", "RunbookParser"],
      path: "Benchmarks/Rehearsals", swiftSettings: warnings))
}
