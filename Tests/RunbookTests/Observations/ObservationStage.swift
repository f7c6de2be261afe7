import BelayTestSupport
import KubernetesStandIn

/// The runbooks that the project ships, as they lie in its folders.
enum ShippedRunbooks {
  /// Every file that begins as a runbook does, by its place in the project; those of other kinds begin with another word.
  static let all: [String] = {
    let root = BelayBinary.projectRoot
    let found = CommandRunner.run([
      "grep", "-rl", "--include=*.yaml", "--include=*.yml", "^belay:", root + "/runbooks", root + "/examples",
    ]).output
    return found.split(separator: "\n").map { String($0.dropFirst(root.count + 1)) }.sorted()
  }()
}

/// Parts that are really there for dry runs, and the runbooks that are run among them.
enum ObservationStage: String, CaseIterable, Sendable {
  case platform, crash, promotion, rotation, backup, connections, host, release

  /// One runbook, and what is given and prepared for it.
  struct Arrangement {
    /// Its place in the project.
    var runbook: String
    var inputs: KeyValuePairs<String, String> = [:]
    /// Where its plan observes something only if something else is found before, which is not to be found here.
    var spared: Set<String> = []
    /// Steps that may fail for what this machine is, while the run goes on all the same.
    var mayFail: Set<String> = []
  }

  /// Whether something on this machine can be asked about its clock.
  static let hasTimeService =
    TestFile.exists("/run/systemd/system") || CommandRunner.run(["sh", "-c", "command -v chronyc"]).status == 0

  /// What no arrangement gets to see, by the runbook; all else is looked at in one of them.
  static let unreachable: [String: Set<String>] = [
    "runbooks/daily/host-health-check.yaml": hasTimeService ? [] : ["steps.clock-service"]
  ]

  /// What is there, for as long as the object lives.
  final class Parts {
    let arrangements: [Arrangement]
    /// Where a runbook lies that has its place in the project.
    let file: (String) -> String
    let options: [String]
    let variables: [String: String]
    let cluster: KubernetesStandIn?
    private let kept: Any

    init(
      _ arrangements: [Arrangement], file: @escaping (String) -> String = { BelayBinary.projectRoot + "/" + $0 },
      options: [String] = [], variables: [String: String] = [:], cluster: KubernetesStandIn? = nil, keeping kept: Any
    ) {
      self.arrangements = arrangements
      self.file = file
      self.options = options
      self.variables = variables
      self.cluster = cluster
      self.kept = kept
    }
  }
}
