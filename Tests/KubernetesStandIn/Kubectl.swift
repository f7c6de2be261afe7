import BelayTestSupport
import Glibc

/// The machine's `kubectl` with a configuration that knows a stand-in's cluster as the context `test`.
public struct Kubectl: Sendable {
  /// Whether tests that need it run: where it is missing they are skipped, but fail in CI.
  public static let isExpected = InstalledProgram.isExpected("kubectl")

  /// The cluster that it speaks to.
  public let cluster: KubernetesStandIn
  private let directory = TemporaryDirectory()
  private let namespace: String
  /// The variables that lead it to the cluster, and keep what it remembers in a folder of the test's own.
  public let environment: [String: String]

  /// - Parameter namespace: Where it looks unless told otherwise.
  public init(_ cluster: KubernetesStandIn, namespace: String = "shop") {
    self.cluster = cluster
    self.namespace = namespace
    environment = [
      "KUBECONFIG": directory.write("config", cluster.kubeconfig), "KUBECACHEDIR": directory.path("cache"),
    ]
  }

  /// Runs it to its end.
  public func callAsFunction(_ arguments: String...) -> CommandResult { start(arguments).wait() }

  /// Runs it to its end.
  public func callAsFunction(_ arguments: [String]) -> CommandResult { start(arguments).wait() }

  /// Starts it.
  public func start(_ arguments: String...) -> CommandRunner.Running { start(arguments) }

  private func start(_ arguments: [String]) -> CommandRunner.Running {
    CommandRunner.start(
      ["kubectl", "--context=test", "--namespace=\(namespace)"] + arguments, environment: environment)
  }
}
