import Expressions
import Journal
import RunEngine
import RunbookParser

/// A run as its records tell it, for views.
package struct RunHistory: Sendable {
  /// An event and the record it stands in.
  package struct Moment: Sendable {
    /// The record's number.
    package var sequence: Int64
    /// When it happened, in milliseconds since the epoch.
    package var time: Int64
    /// What happened.
    package var event: RunEvent

    package init(sequence: Int64, time: Int64, event: RunEvent) {
      self.sequence = sequence
      self.time = time
      self.event = event
    }
  }

  /// What the records lead to.
  package var state: RunState
  /// The events in order.
  package var moments: [Moment]
  /// `live` or `dry-run`.
  package var mode: String
  /// Whether an engine drives it now.
  package var isAlive: Bool

  package init(state: RunState, moments: [Moment], mode: String, isAlive: Bool) {
    self.state = state
    self.moments = moments
    self.mode = mode
    self.isAlive = isAlive
  }

  /// The outcome, or what stands in its place: `running` or `interrupted`.
  package var status: String {
    if state.isTerminal, let outcome = state.provisionalOutcome { return outcome.rawValue }
    return isAlive ? "running" : "interrupted"
  }

  /// When the last record was written, in milliseconds since the epoch.
  package var lastTime: Int64 { moments.last?.time ?? state.startedAt }

  /// An attempt of an action or a check, with how it ended.
  package struct Attempt: Sendable {
    /// Which effect.
    package var id: EffectID
    /// The record of its end.
    package var sequence: Int64
    /// The address, such as `steps.promote.verify.0`.
    package var address: String
    /// How it ended.
    package var end: ActionEnd
  }

  /// What was done and asked, in the order of the ends.
  package var attempts: [Attempt] {
    moments.compactMap { moment in
      guard case .actionEnded(let id, let end) = moment.event else { return nil }
      return Attempt(id: id, sequence: moment.sequence, address: RunEventCodec.address(id, state), end: end)
    }
  }
}

extension RunHistory {
  /// What `result` was after a step's last attempt, as far as the records say.
  package func lastResult(of step: StepIndex) -> ResultView {
    for moment in moments.reversed() {
      switch moment.event {
      case .actionEnded(let id, let end) where id.step == step:
        switch (id.slot, state.step(step).action) {
        case (.action, _), (.item(0), .check):
          return end.ending == .assumed ? .unknown("steps.\(state.step(step).id)") : .end(end)
        default: break
        }
      case .answered(let id, .yes(let fields), let by, _) where id.step == step && id.slot == .action:
        let map = ValueMap(fields.map { (.string(ExpressionSpelling.of($0.name)), $0.value) })
        return .fields([
          NamedValue(name: "fields", value: .map(map)), NamedValue(name: "by", value: .string(by)),
        ])
      case .answered(let id, .choice(let choice), let by, _) where id.step == step && id.slot == .confirmation:
        return .fields([
          NamedValue(name: "choice", value: .string(choice)), NamedValue(name: "by", value: .string(by)),
        ])
      default: break
      }
    }
    return .none
  }
}
