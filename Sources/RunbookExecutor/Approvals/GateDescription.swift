import CanonicalJSON
import Journal
import RunEngine

/// A gate of a run as approvers sign it: everything that must not change between their yes and the step.
package struct GateDescription: Hashable, Sendable {
  /// The run.
  package var run: String
  /// The name of the question.
  package var gate: String
  /// The address of the step.
  package var step: String
  /// The digest of the plan, and with it of the policy and the keys.
  package var plan: String
  /// The digest of the inputs.
  package var inputs: String
  /// The SHA-256 of what was asked: the arguments worked out, the items, whose yes it takes and until when.
  package var action: String
  /// When it is too late, in milliseconds since the epoch; never if nil.
  package var expires: Int64?

  /// The open gate of a step.
  package init(_ gate: OpenGate, of step: StepIndex, in state: RunState) {
    run = state.run.id
    self.gate = gate.id.description
    self.step = RunEventCodec.address(step, state)
    plan = state.plan.digest
    inputs = state.plan.inputsDigest
    action = ContentHash(of: RunEventCodec.encode(gate.question).canonicalBytes()).hex
    expires = gate.request.expires
  }

  init?(_ json: JSON) {
    guard let run = json["run"]?.string, let gate = json["gate"]?.string, let step = json["step"]?.string,
      let plan = json["plan"]?.string, let inputs = json["inputs"]?.string, let action = json["action"]?.string
    else { return nil }
    self.run = run
    self.gate = gate
    self.step = step
    self.plan = plan
    self.inputs = inputs
    self.action = action
    self.expires = json["expires"]?.int
  }

  var members: [JSON.Member] {
    var members: [JSON.Member] = [
      .init("run", .string(run)), .init("gate", .string(gate)), .init("step", .string(step)),
      .init("plan", .string(plan)), .init("inputs", .string(inputs)), .init("action", .string(action)),
    ]
    if let expires { members.append(.init("expires", .int(expires))) }
    return members
  }

  /// What differs in another gate, for people; nil where it is this one.
  package func difference(from other: GateDescription) -> String? {
    if other.run != run { return "it is for another run, \(other.run)" }
    if other.plan != plan { return "it is for another plan: the plan, the policy or the keys were changed" }
    if other.inputs != inputs { return "it is for other inputs" }
    if other.gate != gate || other.step != step { return "it is for another gate, that of \(other.step)" }
    if other.action != action || other.expires != expires { return "it is for something else than what will be done" }
    return nil
  }
}
