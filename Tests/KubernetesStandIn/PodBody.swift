import CanonicalJSON

/// What stands behind the pods of a workload: programs of a test's own, a server for instance.
public struct PodBody: Sendable {
  /// A pod as what stands behind it sees it.
  public struct Pod: Sendable {
    /// The pod's name.
    public var name: String
    /// The variables of its first container, those from secrets included.
    public var environment: [String: String]
  }

  /// Makes it serve: the pod is ready once this has given true; where it gives false, the container has crashed and is
  /// started again.
  public var start: @Sendable (Pod) -> Bool
  /// Ends it: a pod that is deleted is there until this has returned.
  public var stop: @Sendable (Pod) -> Void

  /// Variables that programs have in a pod besides those of its container, as if its image said them.
  public var variables: @Sendable (_ pod: String) -> [String: String]

  /// What happens when a pod starts and ends.
  public init(
    start: @escaping @Sendable (Pod) -> Bool, stop: @escaping @Sendable (Pod) -> Void,
    variables: @escaping @Sendable (_ pod: String) -> [String: String] = { _ in [:] }
  ) {
    self.start = start
    self.stop = stop
    self.variables = variables
  }
}

/// How far what stands behind a pod has come.
enum Life: Sendable {
  /// It is being started.
  case starting
  /// It serves.
  case up
  /// It did not start; it is tried again.
  case failed
  /// It is being ended.
  case stopping
}

extension Cluster.Workload {
  /// The workload of a pod.
  init(of pod: JSON) {
    self.init(
      namespace: pod.at("metadata", "namespace")?.string ?? "",
      app: pod.at("metadata", "labels", "app")?.string ?? "")
  }
}

extension Cluster {
  /// The variables of a program that an `exec` starts.
  func environment(of container: JSON, _ target: Target) -> [String: String] {
    guard let pod = runningPod(target, "exec"), let name = pod.at("metadata", "name")?.string else { return [:] }
    let workload = Workload(of: pod)
    let (body, said) = state.withLock {
      ($0.bodies[workload], $0.environment(of: container, in: workload.namespace))
    }
    return said.merging(body?.variables(name) ?? [:]) { said, _ in said }
  }
}

extension Cluster.State {
  /// The variables of a container, those from secrets included; what a secret does not have is left out.
  func environment(of container: JSON, in namespace: String) -> [String: String] {
    var environment: [String: String] = [:]
    for variable in container["env"]?.array ?? [] {
      guard let name = variable["name"]?.string else { continue }
      if let reference = variable.at("valueFrom", "secretKeyRef"), let secret = reference["name"]?.string,
        let key = reference["key"]?.string
      {
        let object = objects[Cluster.Key(resource: .secrets, namespace: namespace, name: secret)]
        environment[name] = object?.at("data", key)?.string.flatMap(Base64.decoded)
      } else {
        environment[name] = variable["value"]?.string ?? ""
      }
    }
    return environment
  }
}
