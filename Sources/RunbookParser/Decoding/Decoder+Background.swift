import Diagnostics
import YAMLSyntax

/// Steps whose program is kept running for the steps that need it.
extension Decoder {
  /// How long a program may take until it is ready, where its author does not say, in milliseconds.
  static let readiness: Int64 = 30_000

  /// The keys of an observing step that speak of its action's end.
  private static let keysOfAnEnd = ["expect", "outputs", "retry", "timeout", "verify", "for-each"]

  /// A background program observes: what it does is over when the run is.
  func backgroundEffect(of head: StepHead) -> Effect {
    if let said = head.node["effect"], let effect = word(said, Effect.self, "`effect`"), effect != .observe {
      report(
        .badValue, "a background program observes; it cannot be a `\(effect.rawValue)`", said.span,
        notes: ["a daemon that outlives the run is started by a step of its own, with a way back"])
    }
    return .observe
  }

  /// What holds once a background program may be used; nil where the step is none.
  func ready(of head: StepHead, _ action: DecodedAction, isBackground: Bool, in place: ExpressionPlace) -> Check? {
    guard isBackground else {
      if let said = head.node.mapping?.first(where: { $0.key == "ready" }) {
        report(.badValue, "`ready` means nothing without `background: true`", said.keySpan)
      }
      return nil
    }
    guard case .program = action.action else {
      report(.badValue, "only `exec` and `run` start a program that can be kept running", action.keySpan)
      return nil
    }
    for pair in head.node.mapping ?? [] where Self.keysOfAnEnd.contains(pair.key) {
      report(
        .badValue, "`\(pair.key)` means nothing for a background program", pair.keySpan,
        notes: ["it goes on until no step needs it; `ready` says when it may be used"])
    }
    guard let node = required("ready", of: head.node, "a background program") else { return nil }
    var ready = checkReference(node, in: place)
    if ready?.within == nil { ready?.within = Self.readiness }
    return ready
  }
}
