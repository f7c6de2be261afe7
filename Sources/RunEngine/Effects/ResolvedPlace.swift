/// A place other than the engine's own machine, with nothing left to work out.
package enum ResolvedPlace: Hashable, Sendable {
  /// A machine that `ssh` reaches.
  case ssh(String)
  /// A container that `kubectl exec` reaches.
  case pod(Pod)

  /// A container of a pod; what is nil is the client's own default.
  package struct Pod: Hashable, Sendable {
    /// The pod, or what has pods: `api-0`, `deployment/api`.
    package var target: String
    /// The namespace.
    package var namespace: String?
    /// The container.
    package var container: String?
    /// The context of the client's configuration.
    package var context: String?

    package init(target: String, namespace: String? = nil, container: String? = nil, context: String? = nil) {
      self.target = target
      self.namespace = namespace
      self.container = container
      self.context = context
    }
  }

  /// The place in a few words: `db1.example.com`, `deployment/api in shop`.
  package var description: String {
    switch self {
    case .ssh(let target): target
    case .pod(let pod): pod.target + (pod.namespace.map { " in \($0)" } ?? "")
    }
  }
}
