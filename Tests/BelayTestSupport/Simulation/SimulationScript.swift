import RunEngine

/// What the simulated world does with one attempt of an action or a probe.
package struct Behaviour: Sendable, Hashable {
  /// The ways in which an attempt goes.
  package enum Way: Sendable, Hashable {
    /// It ends by itself with this status.
    case exits(Int)
    /// It is ended by a signal from elsewhere.
    case signalled(Int)
    /// It goes on until it is told to end.
    case hangs
    /// It cannot be started.
    case refused
    /// A server replies with this status.
    case replies(Int)
    /// No answer comes.
    case unanswered
    /// A probe says what is true.
    case truthful
  }

  /// How it goes.
  package var way: Way
  /// What it writes to standard output.
  package var text: String
  /// How long it takes, in milliseconds.
  package var takes: Int64
  /// When it takes effect on the world, in milliseconds from its start; nil if it never does.
  package var effectAfter: Int64?
  /// Whether it goes on to its own end though it was told to end.
  package var ignoresStop: Bool

  package init(
    _ way: Way, text: String = "", takes: Int64 = 10, effectAfter: Int64? = nil, ignoresStop: Bool = false
  ) {
    self.way = way
    self.text = text
    self.takes = takes
    self.effectAfter = effectAfter
    self.ignoresStop = ignoresStop
  }

  /// Ends by itself; it takes effect if it succeeds, unless told otherwise.
  package static func exit(_ status: Int, text: String = "", takes: Int64 = 10, effect: Bool? = nil) -> Behaviour {
    Behaviour(.exits(status), text: text, takes: takes, effectAfter: (effect ?? (status == 0)) ? takes : nil)
  }

  /// Goes on until it is told to end.
  package static func hangs(effect: Bool = false) -> Behaviour { Behaviour(.hangs, effectAfter: effect ? 0 : nil) }

  /// Is ended by a signal from elsewhere.
  package static func signalled(_ signal: Int = 9, takes: Int64 = 10, effect: Bool = false) -> Behaviour {
    Behaviour(.signalled(signal), takes: takes, effectAfter: effect ? 0 : nil)
  }

  /// A server replies.
  package static func reply(_ status: Int, text: String = "") -> Behaviour { Behaviour(.replies(status), text: text) }

  /// Cannot be started.
  package static let refused = Behaviour(.refused, takes: 0)
  /// No answer comes.
  package static let unanswered = Behaviour(.unanswered)
  /// Says what is true.
  package static let truthful = Behaviour(.truthful)
}

/// What a person says to a question, and when.
package struct PersonBehaviour: Sendable, Hashable {
  /// What is said.
  package var answer: Answer
  /// After how many milliseconds.
  package var after: Int64

  package init(_ answer: Answer, after: Int64 = 1000) {
    self.answer = answer
    self.after = after
  }

  /// Yes.
  package static let yes = PersonBehaviour(.yes(fields: []))
  /// No.
  package static let no = PersonBehaviour(.no(""))
  /// An option.
  package static func choice(_ id: String) -> PersonBehaviour { PersonBehaviour(.choice(id)) }
}

/// Where an engine dies within its work on one batch.
package enum CrashPoint: Sendable, Hashable {
  /// Before the commit: the batch is lost.
  case beforeCommit
  /// After the commit, when this many of its effects have been performed.
  case afterPerforming(Int)
}

/// Decides what the simulated world does.
package protocol SimulationScript: AnyObject {
  /// What an action or an undo does; `attempt` counts the starts at this address from 1.
  func action(_ request: StartRequest, at address: String, attempt: Int) -> Behaviour
  /// What a probe does; `number` counts the probes at this address from 1.
  func probe(_ request: ProbeRequest, at address: String, number: Int) -> Behaviour
  /// What a tunnel does: it is opened unless it ends at once; `attempt` counts the openings from 1.
  func tunnel(_ id: EffectID, at address: String, attempt: Int) -> Behaviour
  /// What a person says; nil if nobody ever answers.
  func person(_ id: EffectID, _ question: Question, at address: String) -> PersonBehaviour?
  /// What people say about a gate; `number` counts the times it is put to them, from 1.
  func votes(_ request: ApprovalRequest, at address: String, number: Int) -> [SimulatedVote]
  /// Which votes do not count any more when they are verified once more.
  func void(_ votes: [Vote], at address: String) -> [VoidVote]
  /// Whether the engine dies at this batch.
  func crash(at batch: [RunEvent]) -> CrashPoint?
  /// Whether an answer is under way already when its question is withdrawn.
  func answerOvertakesWithdrawal() -> Bool
  /// Whether what comes next is taken into the same batch, though it comes this many milliseconds later.
  func joinsBatch(after milliseconds: Int64) -> Bool
}

extension SimulationScript {
  package func tunnel(_ id: EffectID, at address: String, attempt: Int) -> Behaviour { .hangs() }
}
