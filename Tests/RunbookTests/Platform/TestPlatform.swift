import BelayTestSupport
import CanonicalJSON
import Glibc
import KubernetesStandIn
import Testing

/// The platform of the runbooks' inventory, as small as a test wants it: a cluster that is a stand-in, and behind its pods
/// whatever servers the test has started.
///
/// The runbooks are a copy of the project's, byte for byte; `belay.yaml` is the test's own, and the inventory says where the
/// test's servers are, as it does for anybody who takes the runbooks over.
struct TestPlatform {
  /// Whether tests that need it run: where something is missing they are skipped, but fail in CI.
  static let isExpected =
    Kubectl.isExpected && PostgreSQLServer.isExpected && RedisServer.isExpected && PrometheusServer.isExpected

  /// Where the API and the frontend are reached.
  struct Outside {
    var url: String
    /// A certificate that is trusted besides the system's.
    var trusted = ""

    /// A port that nobody listens on.
    static let silent = Outside(url: "http://127.0.0.1:9")
  }

  let cluster: KubernetesStandIn
  let kubectl: Kubectl
  private let directory = TemporaryDirectory()
  /// They are ended with the platform.
  private let servers: (PostgreSQLServer?, RedisServer?, PrometheusServer?)

  /// Makes the cluster and waits until its pods are ready.
  ///
  /// - Parameters:
  ///   - prometheus: Where it is; a port that nobody listens on if nil.
  ///   - outside: Where the API and the frontend are.
  init(
    database: PostgreSQLServer? = nil, cache: RedisServer? = nil, prometheus: PrometheusServer? = nil,
    outside: Outside = .silent
  ) throws {
    servers = (database, cache, prometheus)
    cluster = try KubernetesStandIn(readyAfter: 1)
    for name in ["api", "backend", "frontend"] {
      cluster.deploy(name, in: "staging", replicas: 2, image: "registry/\(name):1.0.0")
      cluster.expose(name, in: "staging", port: 80, targetPort: 8080)
    }
    cluster.deployByName(
      "postgres", in: "staging", replicas: 2, image: "postgres:16", container: "postgres",
      variables: [
        "PGHOST": .value(database?.socket ?? "/nonexistent"), "PGPORT": .value(String(database?.port ?? 5432)),
      ])
    cluster.deployByName(
      "redis", in: "staging", image: "redis:7", container: "redis",
      variables: ["REDISCLI_AUTH": .value(cache?.password ?? "")])
    let bound = JSON.of(["status": .of(["phase": .string("Bound")])])
    for claim in ["data-postgres-0", "data-postgres-1", "data-redis-0"] {
      cluster.put("persistentvolumeclaims", "staging", claim, bound)
    }
    kubectl = Kubectl(cluster, namespace: "staging")
    let runbooks = directory.path("runbooks")
    let copied = CommandRunner.run(["cp", "-R", ProjectRunbook.folder, runbooks])
    precondition(copied.status == 0, copied.errors)
    // What differs from the inventory's facts in the same way everywhere.
    var inventory = directory.read("runbooks/platform.yaml") ?? ""
    for (fact, own) in [
      ("name: insurance_lead_gen", "name: postgres"),
      ("host: 127.0.0.1, port: 6379", "host: 127.0.0.1, port: \(cache?.port ?? 9)"),
    ] {
      precondition(inventory.contains(fact), "the inventory does not say \(fact)")
      inventory = inventory.replacing(fact, with: own)
    }
    directory.write("runbooks/platform.yaml", inventory)
    let tell = directory.write(
      "tell", "#!/bin/sh\nprintf '%s\\n' \"$1\" >> '\(directory.path("told"))'\n", mode: 0o755)
    directory.write(
      "runbooks/belay.yaml",
      """
      project: 1
      name: test
      inventory: platform.yaml
      defaults: {timeout: 30s, prometheus: {server: "${{ platform.prometheus_url }}"}}
      environments:
        staging:
          platform:
            kube-context: test
            namespace: staging
            api-url: \(outside.url)
            frontend-url: \(outside.url)
            prometheus-url: \(prometheus?.url ?? Outside.silent.url)
            trusted-certificates: "\(outside.trusted)"
            staging: {kube-context: test, namespace: staging, api-url: "\(outside.url)"}
      channels:
        incidents: {command: ["\(tell)", "${{ with.message }}"]}
        operations: {command: ["\(tell)", "${{ with.message }}"]}

      """)
    let cluster = cluster
    #expect(Waiting.until { cluster.readyPods("staging").count == 9 })
  }

  /// A runbook by its place in the folder.
  func path(_ name: String) -> String { directory.path("runbooks/" + name) }

  /// What people have been told over the channels.
  var told: String { directory.read("told") ?? "" }

  /// Runs a runbook by its place in the folder, with nobody there to answer.
  func run(_ name: String, _ inputs: KeyValuePairs<String, String> = [:], _ options: String...) -> CommandResult {
    belay(
      ["run", path(name), "--environment", "staging"]
        + inputs.flatMap { ["--input", "\($0.key)=\($0.value)"] } + options)
  }

  /// Anything else that `belay` does.
  func belay(_ arguments: [String], environment: [String: String] = [:]) -> CommandResult {
    BelayBinary.run(
      arguments, store: directory.path("store"), environment: kubectl.environment.merging(environment) { $1 })
  }

  /// Starts a runbook at a terminal, where somebody is there to answer.
  func attend(_ name: String, _ inputs: KeyValuePairs<String, String> = [:]) -> PseudoTerminal {
    var environment = kubectl.environment
    environment["BELAY_STORE"] = directory.path("store")
    environment["SWIFT_BACKTRACE"] = "enable=no"
    return PseudoTerminal(
      [BelayBinary.path, "run", path(name), "--environment", "staging"]
        + inputs.flatMap { ["--input", "\($0.key)=\($0.value)"] }, environment: environment, directory: directory.path)
  }

  /// Everything about the last run.
  var shown: String { belay(["show", "last"]).output }

  /// What a diagnosing runbook comes to.
  struct Finding: Equatable {
    var finding: String
    var mendedBy: String
  }

  /// Runs a diagnosing runbook, which ends well whatever it finds.
  func diagnose(
    _ name: String, _ inputs: KeyValuePairs<String, String> = [:], _ options: String...
  ) -> (came: Finding, restsOn: String) {
    let result = belay(
      ["run", path("troubleshooting/\(name).yaml"), "--environment", "staging"]
        + inputs.flatMap { ["--input", "\($0.key)=\($0.value)"] } + options)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    func output(_ name: String) -> String {
      let line = result.output.split(separator: "\n").last { $0.hasPrefix("  \(name) = ") }
      return line.map { String($0.dropFirst("  \(name) = ".count)) } ?? ""
    }
    return (Finding(finding: output("finding"), mendedBy: output("mended-by")), output("rests-on"))
  }

  /// The requests with which anything in the cluster was changed.
  var changes: [String] {
    cluster.requests.filter { !["GET", "HEAD"].contains($0.method) }.map { "\($0.method) \($0.path)" }
  }
}

extension JSON {
  /// An object from its members.
  static func of(_ members: KeyValuePairs<String, JSON>) -> JSON { .object(members.map { Member($0.key, $0.value) }) }
}
