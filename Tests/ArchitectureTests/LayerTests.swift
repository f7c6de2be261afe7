import BelayTestSupport
import Glibc
import Testing

/// The table of docs/architecture.md, held against the imports.
@Suite struct LayerTests {
  /// What each target may import of the project, and what of outside.
  private static let allowed: [String: Set<String>] = [
    "Diagnostics": [],
    "TerminalText": [],
    "YAMLSyntax": ["CLibYAML", "Diagnostics", "Glibc"],
    "CanonicalJSON": [],
    "Expressions": ["CanonicalJSON", "Diagnostics", "Glibc"],
    "RunbookParser": ["Diagnostics", "YAMLSyntax", "CanonicalJSON", "Expressions", "Crypto"],
    "RunbookFormatter": ["Diagnostics", "YAMLSyntax", "RunbookParser"],
    "RunEngine": ["CanonicalJSON", "RunbookParser", "Expressions", "HeapModule"],
    "Journal": [
      "CSQLite", "CZlib", "CanonicalJSON", "Expressions", "RunbookParser", "RunEngine", "Crypto", "Glibc",
      "Synchronization",
    ],
    "Rehearsal": ["CanonicalJSON", "Diagnostics", "Expressions", "RunbookParser", "RunEngine", "Journal"],
    "RunbookExecutor": [
      "CanonicalJSON", "Expressions", "RunbookParser", "RunEngine", "Journal", "Glibc", "Synchronization",
    ],
    "Performers": [
      "CProcessShims", "RunbookExecutor", "RunEngine", "Journal", "Expressions", "RunbookParser", "Glibc",
      "Synchronization", "TerminalText", "AsyncHTTPClient", "NIOCore", "NIOPosix", "NIOHTTP1", "NIOSSL",
    ],
    "Presentation": [
      "Diagnostics", "TerminalText", "CanonicalJSON", "Expressions", "RunbookParser", "RunEngine", "Journal",
      "Rehearsal",
    ],
    "BelayCLI": [
      "Diagnostics", "CanonicalJSON", "RunbookParser", "RunEngine", "Journal", "Rehearsal", "RunbookExecutor",
      "Performers", "Expressions", "RunbookFormatter", "Presentation", "TerminalText", "ArgumentParser", "Glibc",
      "Synchronization",
    ],
    "belay": ["BelayCLI"],
  ]

  private static func swiftFiles(below folder: String) -> [String] {
    CommandRunner.run(["find", folder, "-name", "*.swift"]).output.split(separator: "\n").map(String.init).sorted()
  }

  private static func imports(of file: String) -> [String] {
    (TestFile.read(file) ?? "").split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").filter { !$0.hasPrefix("@") && $0 != "package" && $0 != "public" }
      guard words.first == "import", words.count > 1 else { return nil }
      return words.last.map { String($0.split(separator: ".")[0]) }
    }
  }

  @Test("a target imports only what stands above it in the list", arguments: allowed.keys.sorted())
  func importsAreAllowed(target: String) throws {
    let files = Self.swiftFiles(below: "\(BelayBinary.projectRoot)/Sources/\(target)")
    #expect(!files.isEmpty)
    let allowed = try #require(Self.allowed[target])
    for file in files {
      for name in Self.imports(of: file) { #expect(allowed.contains(name), "\(file) imports \(name)") }
    }
  }

  @Test("every target is in the table")
  func noTargetIsForgotten() {
    let folders = CommandRunner.run(["ls", BelayBinary.projectRoot + "/Sources"]).output.split(separator: "\n")
    for folder in folders where !["CLibYAML", "CSQLite", "CZlib", "CProcessShims"].contains(folder) {
      #expect(Self.allowed[String(folder)] != nil, "\(folder)")
    }
  }

  @Test("the state machine has no clock, randomness, concurrency, or word for the mode it runs in")
  func theCoreIsPure() {
    for file in Self.swiftFiles(below: BelayBinary.projectRoot + "/Sources/RunEngine") {
      let code = (TestFile.read(file) ?? "").split(separator: "\n").filter { line in
        !line.drop { $0 == " " }.hasPrefix("//")
      }.joined(separator: "\n")
      for word in ["async ", "await ", "random", "Clock", "RunMode", "isDryRun", "Task {", "Mutex"] {
        #expect(!code.contains(word), "\(file): \(word)")
      }
    }
  }

  @Test("files keep to one subject: none is over 480 lines")
  func filesAreShort() {
    for folder in ["Sources", "Tests"] {
      for file in Self.swiftFiles(below: "\(BelayBinary.projectRoot)/\(folder)") {
        let lines = (TestFile.read(file) ?? "").split(separator: "\n", omittingEmptySubsequences: false).count
        #expect(lines <= 480, "\(file) has \(lines) lines")
      }
    }
  }
}

/// What the release build is linked with.
@Suite struct LinkageTests {
  private static let release = getenv("BELAY_RELEASE").map { String(cString: $0) }

  @Test("neither Foundation nor ICU is linked", .enabled(if: release != nil, "BELAY_RELEASE names the release build"))
  func noFoundation() throws {
    let release = try #require(Self.release)
    let libraries = CommandRunner.run(["ldd", release]).output
    #expect(libraries.contains("libyaml"))
    #expect(libraries.contains("libsqlite3"))
    for name in ["Foundation", "libicu", "libswiftCore", "libdispatch"] { #expect(!libraries.contains(name)) }
    let strings = CommandRunner.run(["bash", "-c", "grep -c '_FoundationICU\\|icudt' \"$0\" || true", release]).output
    #expect(strings.hasPrefix("0"))
  }
}
