/// A place other than the engine's own machine, where a program runs.
public enum Place: Sendable, Hashable {
  /// A machine that `ssh` reaches, as its command line names it: a host, or a user and a host.
  case ssh(Text)
  /// A container that `kubectl exec` reaches.
  case pod(Pod)

  /// A container of a pod.
  public struct Pod: Sendable, Hashable {
    /// The pod, or what has pods: `api-0`, `deployment/api`.
    public var target: Text
    /// The namespace; the context's own if nil.
    public var namespace: Text?
    /// The container; the pod's default if nil.
    public var container: Text?
    /// The context of the client's configuration; the current one if nil.
    public var context: Text?

    /// A pod in the current context's namespace.
    public init(target: Text) { self.target = target }
  }

  /// Why a text cannot name a machine or a pod; nil where it can.
  package static func flaw(of target: String) -> String? {
    if target.isEmpty { return "it is empty" }
    if target.hasPrefix("-") { return "it begins with a hyphen, and would be taken for an option" }
    if target.unicodeScalars.contains(where: { $0.value <= 0x20 || $0.value == 0x7F }) {
      return "it has a space or a control character in it"
    }
    return nil
  }
}
