import Expressions
import RunbookParser

/// Who started a run, of what, and when.
package struct RunStart: Hashable, Sendable {
  /// The run's name: twelve characters of `[a-z0-9]`.
  package var id: String
  /// The login name of the operator.
  package var operatorName: String
  /// What runs.
  package var plan: RunPlan
  /// The zones of time that the plan names, as they were when the run began; one that nobody knows is missing.
  package var zones: RecordedZones
  /// Who the operator is, where a signature proves it.
  package var starter: ProvenStarter?
  /// The project's file, where it says anything of people, and what it said.
  package var project: PolicyMark?

  package init(
    id: String, operatorName: String, plan: RunPlan, zones: [ZoneRecord] = [], starter: ProvenStarter? = nil,
    project: PolicyMark? = nil
  ) {
    self.starter = starter
    self.project = project
    self.zones = RecordedZones(zones)
    self.id = id
    self.operatorName = operatorName
    self.plan = plan
  }
}

/// An engine that begins to drive a run.
package struct EngineStart: Hashable, Sendable {
  /// What the engine is to do.
  package enum Purpose: String, Hashable, Sendable, CaseIterable {
    /// Begin.
    case run
    /// Go on where the last engine stopped.
    case resume
    /// Undo what was done.
    case rollback
  }

  /// The engine's number within the run, counted from 1.
  package var epoch: Int64
  /// What it is to do.
  package var purpose: Purpose
  /// Whether there is a person at a terminal.
  package var attended: Bool
  /// Whether processes of an earlier engine may still be running; if so, what was in flight stays in doubt.
  package var survivorsPossible: Bool

  package init(epoch: Int64, purpose: Purpose, attended: Bool, survivorsPossible: Bool = false) {
    self.epoch = epoch
    self.purpose = purpose
    self.attended = attended
    self.survivorsPossible = survivorsPossible
  }
}

/// Everything that happens to a run: what came from outside, and what was decided.
///
/// A journal holds these in order; folding them gives the state that the live run had.
///
/// It is handed on often and looked into seldom: what it says stands elsewhere, once.
package indirect enum RunEvent: Hashable, Sendable {
  // From outside.

  /// The run begins.
  case runStarted(RunStart)
  /// An engine takes the run over.
  case engineStarted(EngineStart)
  /// A process was started for an effect.
  case actionStarted(EffectID, ProcessMark)
  /// An effect could not be started at all; the text says why.
  case actionRefused(EffectID, String)
  /// An effect ended.
  case actionEnded(EffectID, ActionEnd)
  /// A tunnel is open at this port of the engine's machine.
  case tunnelOpened(EffectID, port: Int64)
  /// A time has come.
  case timerFired(TimerID)
  /// A person answered.
  case answered(EffectID, Answer, by: String, evidence: Evidence)
  /// What somebody who is logged in under a name said about a gate is no vote.
  case voteRefused(EffectID, VoidVote, by: String)
  /// The votes for a gate were verified once more: those that no longer count, and who has denied it meanwhile.
  case votesVerified(EffectID, void: [VoidVote], denials: [Vote])
  /// There is no person to answer.
  case unanswerable(EffectID)
  /// The operator pressed Ctrl-C, or INT came.
  case operatorInterrupted
  /// The engine was told to end.
  case terminated
  /// The terminal was lost.
  case detached
  /// The operator wants the run paused, whatever is to be done when the terminal is lost.
  case pauseRequested
  /// The operator gives the run up.
  case abandoned(reason: String, by: String)

  // Decided.

  /// An action or an undo will be started next.
  case intended(EffectID, ResolvedAction, dryRun: ResolvedAction?)
  /// It is known what stands inside a step.
  case expanded(StepIndex, Expansion)
  /// A question was put.
  case asked(EffectID, Question)
  /// A step ended on the way forward.
  case stepEnded(StepIndex, StepEnd, outputs: [NamedValue], evidence: Evidence)
  /// The first failure decided how the run goes on.
  case failureDecided(StepIndex?, Failure, FailurePolicy)
  /// The way back begins.
  case rollbackStarted
  /// Some steps are undone, and the run is not as a whole.
  case undoStarted(UndoReach)
  /// A step ended on the way back.
  case undoEnded(StepIndex, UndoEnd, evidence: Evidence)
  /// The engine stops with the run not over.
  case paused(PauseReason)
  /// The run is over.
  case runEnded(RunOutcome, Failure?, outputs: [NamedValue], evidence: Evidence)
}
