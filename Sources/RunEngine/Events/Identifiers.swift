/// A step of a run: the plan's steps first, then those of `finally`.
package struct StepIndex: Hashable, Sendable, Comparable {
  /// The place in the list of all steps.
  package let value: Int32

  /// A step from its place.
  package init(_ value: Int) { self.value = Int32(value) }

  package static func < (a: StepIndex, b: StepIndex) -> Bool { a.value < b.value }
}

/// The part of a step, or of the run itself, that something belongs to.
package enum Slot: Hashable, Sendable {
  /// A required program's version.
  case tool(Int)
  /// A precondition, numbered.
  case precondition(Int)
  /// What a person must say before the action.
  case confirmation
  /// The action.
  case action
  /// An item of the action's checklist, numbered.
  case item(Int)
  /// Whether the action has taken effect.
  case applied
  /// What settles a doubt.
  case doubt
  /// A verification, numbered.
  case verify(Int)
  /// An action of the way back, numbered.
  case undo(Int)
  /// A verification of an action of the way back, both numbered.
  case undoVerify(Int, Int)
  /// Whether a background program may be used.
  case ready
  /// A tunnel, numbered.
  case tunnel(Int)
  /// What people are told of the run, numbered.
  case notice(Int)
  /// The policy after a failure, and the run as a whole.
  case policy
}

/// The name of one effect: whose it is and which try. Never random, so that a replay names the same effects.
package struct EffectID: Hashable, Sendable {
  /// The step; nil for the run itself.
  package let step: StepIndex?
  /// The part of the step.
  package let slot: Slot
  /// The attempt of an action, counted from 1; a running number for probes, timers and questions.
  package let serial: Int32

  package init(step: StepIndex?, slot: Slot, serial: Int32) {
    self.step = step
    self.slot = slot
    self.serial = serial
  }
}

/// What a timer is for.
package enum TimerPurpose: String, Hashable, Sendable, CaseIterable {
  /// The next attempt of a check.
  case poll
  /// The end of a check's `within`.
  case within
  /// The bound on one attempt.
  case timeout
  /// The pause before the next attempt of an action.
  case retry
  /// The end of the action `wait`.
  case wait
  /// The end of a question's `within`.
  case expiry
  /// The bound on the run.
  case deadline
}

/// The name of a timer.
package struct TimerID: Hashable, Sendable {
  /// Whose timer it is.
  package let owner: EffectID
  /// What it is for.
  package let purpose: TimerPurpose

  package init(owner: EffectID, purpose: TimerPurpose) {
    self.owner = owner
    self.purpose = purpose
  }
}

extension EffectID: CustomStringConvertible {
  /// The compact form that records hold: `12/verify.0#3`, or `run/precondition.1#2` for the run itself.
  package var description: String {
    "\(step.map { String($0.value) } ?? "run")/\(slot)#\(serial)"
  }

  /// Reads the compact form; nil where it is not one.
  package init?(_ text: some StringProtocol) {
    guard let slash = text.firstIndex(of: "/"), let hash = text.firstIndex(of: "#"), slash < hash,
      let slot = Slot(text[text.index(after: slash)..<hash]), let serial = Int32(text[text.index(after: hash)...])
    else { return nil }
    if text[..<slash] == "run" {
      self.init(step: nil, slot: slot, serial: serial)
    } else {
      guard let step = Int(text[..<slash]), step >= 0, step <= Int(Int32.max) else { return nil }
      self.init(step: StepIndex(step), slot: slot, serial: serial)
    }
  }
}

extension Slot: CustomStringConvertible {
  /// The form used in records, such as `undo-verify.0.1`.
  package var description: String {
    switch self {
    case .tool(let index): "tool.\(index)"
    case .precondition(let index): "precondition.\(index)"
    case .confirmation: "confirm"
    case .action: "action"
    case .item(let index): "item.\(index)"
    case .applied: "applied"
    case .doubt: "doubt"
    case .verify(let index): "verify.\(index)"
    case .undo(let index): "undo.\(index)"
    case .undoVerify(let undo, let index): "undo-verify.\(undo).\(index)"
    case .ready: "ready"
    case .tunnel(let index): "tunnel.\(index)"
    case .notice(let index): "notice.\(index)"
    case .policy: "policy"
    }
  }

  /// Reads the form used in records; nil where it is not one.
  package init?(_ text: some StringProtocol) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    let numbers = parts.dropFirst().compactMap { Int($0) }
    guard numbers.count == parts.count - 1, numbers.allSatisfy({ $0 >= 0 }), let name = parts.first else { return nil }
    switch (name, numbers.count) {
    case ("tool", 1): self = .tool(numbers[0])
    case ("precondition", 1): self = .precondition(numbers[0])
    case ("confirm", 0): self = .confirmation
    case ("action", 0): self = .action
    case ("item", 1): self = .item(numbers[0])
    case ("applied", 0): self = .applied
    case ("doubt", 0): self = .doubt
    case ("verify", 1): self = .verify(numbers[0])
    case ("undo", 1): self = .undo(numbers[0])
    case ("undo-verify", 2): self = .undoVerify(numbers[0], numbers[1])
    case ("ready", 0): self = .ready
    case ("tunnel", 1): self = .tunnel(numbers[0])
    case ("notice", 1): self = .notice(numbers[0])
    case ("policy", 0): self = .policy
    default: return nil
    }
  }
}
