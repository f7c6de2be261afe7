import RunEngine

/// Puts questions to people and hands their answers back.
package protocol People: AnyObject, Sendable {
  /// Where answers go; set once, before the first question.
  func attach(_ answer: @escaping @Sendable (RunEvent) -> Void)
  /// Puts a question.
  func ask(_ id: EffectID, _ question: Question)
  /// A question is no longer open.
  func withdraw(_ id: EffectID)
  /// No more answers are wanted.
  func shutDown()
}

/// Nobody is there: confirmations may be given beforehand, everything else goes without an answer.
package final class NobodyThere: People {
  private let answers: AnswerBox
  private let confirmsSteps: Bool

  /// - Parameter confirmsSteps: Whether `--yes` confirms steps that ask for it.
  package init(confirmsSteps: Bool) {
    self.confirmsSteps = confirmsSteps
    self.answers = AnswerBox()
  }

  package func attach(_ answer: @escaping @Sendable (RunEvent) -> Void) { answers.set(answer) }

  package func ask(_ id: EffectID, _ question: Question) {
    answers.send(
      StandingConfirmation.answer(id, question, confirmsSteps: confirmsSteps) ?? .unanswerable(id))
  }

  package func withdraw(_ id: EffectID) {}

  package func shutDown() {}
}

/// What `--yes` says: a step's own confirmation, and nothing else.
enum StandingConfirmation {
  /// The answer given beforehand; nil where there is none.
  static func answer(_ id: EffectID, _ question: Question, confirmsSteps: Bool) -> RunEvent? {
    guard confirmsSteps, id.slot == .confirmation, case .confirm = question.kind else { return nil }
    return .answered(id, .yes(fields: []), by: "--yes", evidence: .observed)
  }
}
