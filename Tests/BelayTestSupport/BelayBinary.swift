import Glibc

/// The program under test, as users start it.
public enum BelayBinary {
  /// The path of the `belay` that was built along with the tests.
  public static let path: String = {
    var buffer = [CChar](repeating: 0, count: 4096)
    let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
    var runner = String(decoding: buffer[..<max(0, count)].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    // The test runner may be a helper of the toolchain that loads the tests: then its first argument names them.
    for argument in CommandLine.arguments where argument.hasSuffix(".xctest") { runner = argument }
    let folder = runner.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
    return folder + "/belay"
  }()

  /// Runs it to its end, in a store of the test's own.
  public static func run(
    _ arguments: String..., store: String, environment: [String: String] = [:], directory: String? = nil,
    input: String = "/dev/null"
  ) -> CommandResult {
    run(arguments, store: store, environment: environment, directory: directory, input: input)
  }

  /// Runs it to its end, in a store of the test's own.
  public static func run(
    _ arguments: [String], store: String, environment: [String: String] = [:], directory: String? = nil,
    input: String = "/dev/null"
  ) -> CommandResult {
    start(arguments, store: store, environment: environment, directory: directory, input: input).wait()
  }

  /// Starts it, in a store of the test's own.
  public static func start(
    _ arguments: [String], store: String, environment: [String: String] = [:], directory: String? = nil,
    input: String = "/dev/null"
  ) -> CommandRunner.Running {
    var variables = environment
    variables["BELAY_STORE"] = store
    variables["SWIFT_BACKTRACE"] = "enable=no"
    return CommandRunner.start([path] + arguments, environment: variables, directory: directory, input: input)
  }

  /// The root of the project.
  public static let projectRoot: String = {
    #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
  }()
}
