import Expressions
import RunbookParser

/// What a check came to.
package struct CheckVerdict: Hashable, Sendable {
  /// The answers a check can give.
  package enum Answer: String, Hashable, Sendable, CaseIterable {
    /// It holds.
    case holds
    /// It does not.
    case fails
    /// It erred or took too long: neither yes nor no.
    case none
    /// It could not be asked, and is taken to hold.
    case assumed
  }

  /// The answer.
  package var answer: Answer
  /// Why it does not hold, for people; empty where it does.
  package var message: String
  /// What the answer is worth.
  package var evidence: Evidence
  /// What was seen last.
  package var end: ActionEnd?
  /// What a person gave who was asked: `fields` and `by`.
  package var given: [NamedValue] = []
  /// Values taken from it.
  package var outputs: [NamedValue]

  package init(
    _ answer: Answer, message: String = "", evidence: Evidence = .observed, end: ActionEnd? = nil,
    outputs: [NamedValue] = []
  ) {
    self.answer = answer
    self.message = message
    self.evidence = evidence
    self.end = end
    self.outputs = outputs
  }

  /// Whether what waits for it may go on.
  package var passes: Bool { answer == .holds || answer == .assumed }
}
