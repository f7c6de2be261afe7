import Glibc

/// A Prometheus of a test's own on loopback, ended with the object: what it knows was written down for it, and it asks nobody.
public final class PrometheusServer: Sendable {
  /// Why there is no server.
  public struct Failure: Error, CustomStringConvertible {
    /// What went wrong, with what the program said.
    public var description: String
  }

  /// A series, with its values at the ends of the last intervals, the newest last.
  public struct Series: Sendable {
    var name: String
    var values: [Double]

    /// - Parameter name: The metric with its labels: `up{job="api"}`.
    public init(_ name: String, _ values: [Double]) {
      self.name = name
      self.values = values
    }

    /// A value that has stayed as it is.
    public static func constant(_ name: String, _ value: Double) -> Series {
      Series(name, Array(repeating: value, count: samples))
    }

    /// A counter that has risen by so much each second.
    public static func rising(_ name: String, by rate: Double) -> Series {
      Series(name, (0..<samples).map { 1000 + Double($0 * PrometheusServer.interval) * rate })
    }

    /// Over how many intervals a series that is not spelt out goes: more than two hours.
    private static let samples = 256
  }

  /// Whether tests that need a server run: where its programs are missing they are skipped, but fail in CI.
  public static let isExpected = InstalledProgram.isExpected("prometheus")

  /// Seconds from one value of a series to the next.
  public static let interval = 30

  private let directory: TemporaryDirectory
  private let server: CommandRunner.Running
  /// The port on loopback.
  public let port: Int

  /// Its address.
  public var url: String { "http://127.0.0.1:\(port)" }

  /// Writes the series down and starts the server; it answers queries then.
  ///
  /// - Parameter rules: A file of rules, which are evaluated every 100 ms.
  public init(_ series: [Series], rules: String = "") throws {
    let directory = TemporaryDirectory()
    let now = time(nil)
    var families: [String: [Series]] = [:]
    for one in series { families[String(one.name.prefix { $0 != "{" }), default: []].append(one) }
    var text = ""
    for (name, members) in families.sorted(by: { $0.key < $1.key }) {
      text += "# TYPE \(name) unknown\n"
      for member in members {
        for (index, value) in member.values.enumerated() {
          text += "\(member.name) \(value) \(now - (member.values.count - 1 - index) * Self.interval)\n"
        }
      }
    }
    directory.write("series", text + "# EOF\n")
    let made = CommandRunner.run([
      "promtool", "tsdb", "create-blocks-from", "openmetrics", directory.path("series"), directory.path("data"),
    ])
    guard made.status == 0 else { throw Failure(description: "promtool: " + made.output + made.errors) }
    directory.write(
      "prometheus.yml",
      "global: {evaluation_interval: 100ms}\nrule_files: [\(rules.isEmpty ? "" : "rules.yml")]\n")
    directory.write("rules.yml", rules)
    var log = ""
    // Somebody else may take the port before the server does.
    for _ in 0..<5 {
      let port = LoopbackPort.free()
      let server = CommandRunner.start([
        "prometheus", "--config.file=\(directory.path("prometheus.yml"))",
        "--storage.tsdb.path=\(directory.path("data"))", "--web.listen-address=127.0.0.1:\(port)",
        "--log.level=warn",
      ])
      if Waiting.until(20, { Self.ask(port, "/-/ready").status == 0 }) {
        self.directory = directory
        self.server = server
        self.port = port
        return
      }
      server.signal(SIGKILL)
      log = server.wait().errors
    }
    throw Failure(description: "the server does not start: " + log)
  }

  deinit {
    server.signal(SIGKILL)
    _ = server.wait()
  }

  /// What it answers to a request, as text; fails for a status that is not of success.
  public func ask(_ path: String) -> CommandResult { Self.ask(port, path) }

  private static func ask(_ port: Int, _ path: String) -> CommandResult {
    CommandRunner.run(["curl", "-sS", "--fail", "--max-time", "5", "http://127.0.0.1:\(port)\(path)"])
  }
}
