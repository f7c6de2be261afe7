import BelayTestSupport
import Glibc
import KubernetesStandIn

/// The machine's `kubectl` with a configuration that knows a stand-in's cluster as the context `test`.
struct Kubectl {
  /// Whether tests that need it run: where it is missing they are skipped, but fail in CI.
  static let isExpected = CommandRunner.run(["sh", "-c", "command -v kubectl"]).status == 0 || getenv("CI") != nil

  let cluster: KubernetesStandIn
  private let directory = TemporaryDirectory()
  /// The variables that lead it to the cluster, and keep what it remembers in a folder of the test's own.
  let environment: [String: String]

  init(_ cluster: KubernetesStandIn) {
    self.cluster = cluster
    environment = [
      "KUBECONFIG": directory.write("config", cluster.kubeconfig), "KUBECACHEDIR": directory.path("cache"),
    ]
  }

  func callAsFunction(_ arguments: String...) -> CommandResult { start(arguments).wait() }

  func start(_ arguments: String...) -> CommandRunner.Running { start(arguments) }

  private func start(_ arguments: [String]) -> CommandRunner.Running {
    CommandRunner.start(["kubectl", "--context=test", "--namespace=shop"] + arguments, environment: environment)
  }
}
