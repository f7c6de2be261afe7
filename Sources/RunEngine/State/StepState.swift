import Expressions
import RunbookParser

/// What a step's status is for others.
package enum StepStatus: String, Hashable, Sendable, CaseIterable {
  /// It succeeded, verification included.
  case succeeded
  /// It did not.
  case failed
  /// It was left out.
  case skipped
  /// It was undone.
  case rolledBack = "rolled-back"
  /// It has not ended, or never began.
  case notRun = "not-run"
}

/// Why something in flight was told to end.
package enum StopReason: String, Hashable, Sendable {
  /// It took too long.
  case timeout
  /// Something else failed, and what had started is undone.
  case rollback
  /// The engine ends.
  case termination
  /// A background program that it needs ended.
  case background
}

/// Where a step is on its way forward.
///
/// What is large and seldom stands elsewhere, so that a step takes little room.
package enum StepPhase: Hashable, Sendable {
  /// Needs are not satisfied yet, or the run has not come to it.
  case waiting
  /// Background programs that it needs are started again; `beforeStart` where all else that comes before the action is
  /// done.
  case awaiting(beforeStart: Bool)
  /// A precondition is polled; `afterPerson` in the round that follows a person's answer.
  indirect case checking(Int, CheckRun, afterPerson: Bool)
  /// A person decides about an unmet precondition.
  case askingPrecondition(Int, EffectID, afterPerson: Bool)
  /// A person is asked to confirm.
  case confirming(EffectID)
  /// People are asked to approve; `closing` once their time is over.
  case approving(EffectID, closing: Bool)
  /// What they said is verified once more.
  case reverifying(EffectID)
  /// Everything but a slot is there.
  case ready
  /// The intent is recorded and the action in flight; `stopping` once it was told to end.
  case acting(EffectID, stopping: StopReason?)
  /// Its background program is started, and will be kept running.
  case opening
  /// The action is one of the state machine's own.
  case inner(InnerAction)
  /// The next attempt waits for its time.
  case pausing(EffectID, until: Int64)
  /// It is being found out whether the action took effect, and what then.
  indirect case settling(Settling)
  /// A verification is polled.
  indirect case verifying(Int, CheckRun)
  /// The steps inside it go on.
  case block(BlockProgress)
  /// It is over.
  case ended
}

extension StepPhase {
  /// Whether nothing goes on but what stands inside.
  var isHolding: Bool {
    switch self {
    case .block(.preconditions): false
    case .block: true
    default: false
    }
  }
}

/// An action that the state machine performs itself.
package enum InnerAction: Hashable, Sendable {
  /// A wait, with its end.
  case wait(TimerID, until: Int64)
  /// A person does something.
  case manual(EffectID, expires: Int64?)
  /// A person chooses.
  case decide(EffectID)
  /// A check is polled.
  indirect case check(CheckRun)
  /// Items are ticked and checked.
  case checklist([ChecklistProgress])
}

/// Where an item of a checklist is.
package enum ChecklistProgress: Hashable, Sendable {
  /// A person is asked.
  case asking(EffectID)
  /// It checks itself.
  indirect case checking(CheckRun)
  /// It is settled: what it came to, and who said so.
  case settled(passed: Bool, text: String, by: String)
}

/// How a doubt is being settled.
package struct Settling: Hashable, Sendable {
  /// What is being asked.
  package enum Stage: Hashable, Sendable {
    /// The check `applied`.
    case applied(CheckRun)
    /// The verifications, where there is no `applied`.
    case verify(Int, CheckRun)
    /// A person.
    case asking(EffectID)
  }

  /// What follows once it is settled.
  package enum Purpose: String, Hashable, Sendable {
    /// The run is resumed.
    case resume
    /// A retry is due after a timeout or a signal.
    case retry
  }

  /// What is being asked.
  package var stage: Stage
  /// What follows.
  package var purpose: Purpose
}

/// Where a step is on its way back.
package enum UndoPhase: Hashable, Sendable {
  /// Nothing is to be done, or not yet.
  case none
  /// Background programs that it needs are started again.
  case awaiting
  /// It is found out whether there is anything to undo.
  indirect case probing(CheckRun)
  /// A person is asked whether to go on past a point of no return.
  case askingPassage(EffectID)
  /// An action of the way back is in flight.
  case acting(Int, EffectID, stopping: StopReason?)
  /// The action is one of the state machine's own.
  case inner(Int, EffectID, InnerAction)
  /// The next attempt waits for its time.
  case pausing(Int, EffectID, until: Int64)
  /// A verification is polled; `settling` where it decides a doubt.
  indirect case verifying(Int, Int, CheckRun, settling: Bool)
  /// A person decides about an undo in doubt.
  case askingDoubt(Int, EffectID)
  /// It is over.
  case ended(UndoEnd)
}

/// Whether what is known of a step rests on something unknown.
package enum Certainty: Hashable, Sendable {
  /// It does not.
  case known
  /// It rests on this.
  case unknown(String)
}

/// Everything that is known of a step.
package struct StepState: Hashable, Sendable {
  /// The frame it stands in.
  package let frame: Int32
  /// The frames that it holds; nil before it is known what stands inside, and where nothing does.
  package var frames: Range<Int>?
  /// Where it is on its way forward.
  package var phase: StepPhase = .waiting
  /// Where it is on its way back.
  package var undo: UndoPhase = .none
  /// How many of its needs are not satisfied.
  package var openNeeds: Int32 = 0
  /// Whether its end is recorded, and perhaps not applied yet.
  var isEnding = false
  /// How it ended; nil before.
  package var end: StepEnd?
  /// The last attempt whose intent was recorded; 0 before the first.
  package var attempt: Int32 = 0
  /// Whether an action of it may have started: an intent was recorded and not refused.
  package var mayHaveStarted = false
  /// Whether its way forward ended with nobody knowing whether the action took effect.
  package var inDoubt = false
  /// What its action was worth as evidence.
  package var evidence: Evidence = .observed
  /// What it gave.
  package var outputs: [NamedValue] = []
  /// The running number of its probes, timers and questions.
  package var serial: Int32 = 0
  /// What its action was resolved to; kept while attempts may follow.
  package var resolved: ResolvedAction?
  /// What a dry run does instead, resolved.
  package var resolvedDryRun: ResolvedAction?
  /// Whether its `when` rested on something unknown.
  package var certainty: Certainty = .known
  /// Whether its undo is forbidden, because of what failed before; by which step.
  package var heldBackBy: StepIndex?
  /// Why it fails once nothing of it is in flight: a background program that it needs ended.
  var lost: String?
  /// What was wrong with the last attempt.
  package var lastFailure = ""
  /// The process in flight, if there is one.
  package var process: ProcessMark?
  /// What happened on the way back with attempts of undos: the last attempt.
  package var undoAttempt: Int32 = 0
  /// The last number given to an undo before the present way back began; its attempts are counted from there.
  package var undoBase: Int32 = 0
  /// The last number given to an undo.
  package var undoIssued: Int32 = 0
  /// Where its undo was left when another way back was asked for, which comes to it in its turn.
  package var undoLeft: UndoPhase?
  /// The action of the way back that was reached last.
  package var undoPlace = 0
  /// The action of the way back to go on with, where those before it are done.
  package var undoFrom = 0
  /// Whether the present engine found the undo in doubt, and may repeat it once.
  package var undoResumed = false

  init(frame: Int, openNeeds: Int) {
    self.frame = Int32(frame)
    self.openNeeds = Int32(openNeeds)
  }

  /// What others see.
  package var status: StepStatus {
    if case .ended(let end) = undo {
      switch end {
      case .undone: return .rolledBack
      case .spared, .left, .failed, .heldBack: break
      }
    }
    switch end {
    case .succeeded: return .succeeded
    case .skipped: return .skipped
    case .failed: return .failed
    case nil: return .notRun
    }
  }
}
