import Expressions
import RunbookParser

/// An event that cannot happen in the state it came to: a fault of the program, or a journal that was changed.
package struct ImpossibleTransition: Error, Hashable, Sendable, CustomStringConvertible {
  /// What came, and what the state was.
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// Where a run is.
package enum RunPhase: Hashable, Sendable {
  /// Recorded, and no engine has begun.
  case new
  /// Required programs are looked up.
  case tools(open: Int)
  /// A precondition of the run is polled.
  indirect case preconditions(Int, CheckRun)
  /// A person decides about an unmet precondition of the run.
  case askingPrecondition(Int, EffectID)
  /// Steps go forward.
  case forward
  /// The first failure is known, and steps in flight come to their ends.
  case failing(FailurePolicy)
  /// A person decides what a failure leads to.
  case askingPolicy(EffectID)
  /// Steps are undone, from this place in the order of intents downwards.
  case rollingBack(next: Int)
  /// The steps of `finally` run; the outcome is known unless one of them fails.
  case finishing(RunOutcome)
  /// The run is over.
  case ended(RunOutcome)
}

/// The first failure of a run.
package struct FirstFailure: Hashable, Sendable {
  /// The step that failed; nil for the run itself.
  package var step: StepIndex?
  /// What happened.
  package var failure: Failure
}

/// An engine's work on a run that it will not finish.
package struct Pause: Hashable, Sendable {
  /// Why it stops.
  package var reason: PauseReason
  /// Whether what was in flight has come to its end.
  package var complete: Bool
}

/// Everything that is known of a run, and the only place that decides what happens next.
///
/// It is changed by `apply` alone. It knows no clock, no randomness, and not whether what it asks for is done
/// really, assumed or scripted.
package struct RunState: Hashable, Sendable {
  private let origin: RunOrigin
  /// When the run was recorded, in milliseconds since the epoch.
  package let startedAt: Int64
  /// The time of the event being applied, in milliseconds since the epoch.
  package internal(set) var now: Int64
  /// Where the run is.
  package internal(set) var phase: RunPhase = .new
  /// Set while an engine stops working on the run, and until the next one begins.
  package internal(set) var pause: Pause?
  /// The engine that drives it; nil before the first.
  package internal(set) var engine: EngineStart?
  /// The steps: the plan's, those of its `finally`, and those that turned out to stand inside others.
  package internal(set) var steps: [StepState]
  /// The lists of steps: the plan's, its `finally`, and those inside steps.
  package internal(set) var frames: [Frame]
  /// The steps whose actions may have started, in the order of their first intents.
  package internal(set) var intents: [StepIndex] = []
  /// The first failure.
  package internal(set) var failure: FirstFailure?
  /// Steps that failed after the first failure, in order; they matter where the run goes on without that one.
  var laterFailures: [StepIndex] = []
  /// What the run gave to its caller.
  package internal(set) var outputs: [NamedValue] = []
  /// Whether the way back has begun; a run never goes forward again after that.
  package internal(set) var rolledBack = false
  /// Which steps are undone; nil where all are, or none is.
  package internal(set) var undoReach: UndoReach?
  /// Whether what a failure undoes by itself has been undone.
  var reachUndone = false
  /// Whether what is undone when all went well has been.
  var temporaryUndone = false
  /// Whether an undo short of a whole way back did not succeed.
  var reachIncomplete = false
  /// Whether the steps of `finally` have begun; they run once.
  package internal(set) var finallyBegun = false
  /// Whether a step failed and the run went on without it.
  package internal(set) var hadToleratedFailure = false
  /// How long engines have lived, without the present one, in milliseconds.
  package internal(set) var livedBefore: Int64 = 0
  /// The last engine's start, in milliseconds since the epoch.
  package internal(set) var engineStartedAt: Int64 = 0
  /// How often the operator interrupted the way back.
  package internal(set) var rollbackInterrupts = 0
  /// How often the operator interrupted `finally` under the present engine.
  var finallyInterrupts = 0
  /// Whether the operator ended `finally`: what of it has not begun never will.
  package internal(set) var finallyAborted = false
  /// Why the run's tools or preconditions said no.
  package internal(set) var unmet: [String] = []
  /// The step being undone; one at a time.
  package internal(set) var activeUndo: StepIndex?
  /// The point of no return that holds back everything before it.
  package internal(set) var barrier: StepIndex?
  /// Whether the operator aborted the way back.
  package internal(set) var aborting = false
  /// How many ends of undos are recorded and not applied yet.
  var pendingUndoEnds = 0
  /// How many ends of steps are recorded and not applied yet.
  var pendingEnds = 0
  /// Whether one of them is a failure that decides how the run goes on.
  var pendingFailure = false
  /// The run's own probes that are in flight.
  var ownProbes: Set<EffectID> = []
  /// Those of them that were told to end because they took too long.
  var lateTools: Set<EffectID> = []
  /// What people are being told.
  package internal(set) var notices: [EffectID: OpenNotice] = [:]
  /// The gates that people were told of; nil is the run's own.
  var gatesTold: Set<StepIndex?> = []
  /// Whether people were told of the failure that decides how the run goes on.
  var failureTold = false
  /// Whether people were told that the run is over.
  var endTold = false
  /// What is kept running for those that need it.
  package internal(set) var services: [ServiceID: Service] = [:]
  /// The ports at which tunnels were opened last, by their places in the plan.
  package internal(set) var tunnelPorts: [Int: Int64] = [:]
  /// What goes on once tunnels and programs are there; nil where nothing waits for them.
  var opening: Opening?
  /// Whether a way back was asked for that has not begun: it is what the next engine goes on with.
  var rollbackOwed = false
  /// How often the operator interrupted meanwhile.
  var heldInterrupts = 0
  /// Whether the run's time was over meanwhile.
  var deadlineHeld = false
  /// When lost tunnels are opened again: the names of the timers.
  var reopenings: [Int: EffectID] = [:]
  /// What happens next, collected while an event is applied; empty between events.
  var effects: [RunEffect] = []
  /// What this engine has asked of people, and of whom.
  var asked: [EffectID: Audience?] = [:]
  /// Questions whose audience is not here.
  var absent: Set<EffectID> = []
  /// What people were asked to approve, and what they said.
  package internal(set) var gates: [StepIndex: OpenGate] = [:]
  /// Steps that wait for a slot, in order, from `readyHead` on.
  var ready: [StepIndex] = []
  var readyHead = 0
  /// Steps that take no slot, and that could not start when they became ready.
  var readyAtOnce: [StepIndex] = []
  /// The operator interrupted again while steps in flight came to their end after a failure: they are ended.
  var endsInFlight = false
  /// How many actions are in flight.
  var slotsUsed = 0
  /// The slots of called runbooks that have their own.
  var callSlots: [StepIndex: CallSlots] = [:]
  /// When called runbooks began that have a time of their own.
  var callTimes: [StepIndex: CallTime] = [:]
  /// The calls whose time is over and with whose failure the run goes on, each with the one whose time it was.
  var overdueCalls: [StepIndex: StepIndex] = [:]
  /// What failures undid before the run went on, each with what failed: the steps that hold others among it are over.
  var undoneHolders: [StepIndex: String] = [:]
  /// How many of the plan's steps have not ended.
  var unfinished: Int
  /// How many steps are between waiting and ended.
  var live = 0
  /// How many of them hold others.
  var liveBlocks = 0
  /// How many of them wait for something else than a person or a slot.
  var busy = 0
  /// Which timer bounds the run under the present engine.
  var deadlineSerial: Int32 = 0
  /// The running number of the run's own probes and questions.
  var serial: Int32 = 0

  /// The state of a run that was just recorded.
  package init(_ start: RunStart, at time: Int64) {
    self.origin = RunOrigin(start)
    self.startedAt = time
    self.now = time
    self.frames = [
      Frame(.main, owner: nil, planned: start.plan.steps, first: 0, outer: nil, isFinal: false, isAtEnd: false),
      Frame(
        .finally, owner: nil, planned: start.plan.finally, first: start.plan.steps.count, outer: 0, isFinal: true,
        isAtEnd: true),
    ]
    self.steps = []
    self.steps.reserveCapacity(start.plan.steps.count + start.plan.finally.count)
    for (frame, list) in [start.plan.steps, start.plan.finally].enumerated() {
      for place in list.indices { self.steps.append(StepState(frame: frame, openNeeds: list[place].needs.count)) }
    }
    self.unfinished = start.plan.steps.count
  }

  /// What the run is.
  package var run: RunStart { origin.run }

  /// The run's plan.
  package var plan: RunPlan { origin.run.plan }

  /// What the plan says, turned round.
  package var index: PlanIndex { origin.index }

  /// The outcome that is known already, while the steps of `finally` run or after.
  package var provisionalOutcome: RunOutcome? {
    switch phase {
    case .finishing(let outcome), .ended(let outcome): outcome
    default: nil
    }
  }

  /// Whether the run is over.
  package var isTerminal: Bool { if case .ended = phase { true } else { false } }

  /// Whether a precondition or a tool was looked at and was not what it should be, of the run or of any step.
  package var isUnmet: Bool {
    if failure?.failure.cause == .unmet { return true }
    return steps.indices.contains { place in
      if case .failed(let failure, _) = steps[place].end { failure.cause == .unmet } else { false }
    }
  }

  /// The name of the next probe, timer or question.
  mutating func nextID(_ step: StepIndex?, _ slot: Slot) -> EffectID {
    guard let step else {
      serial += 1
      return EffectID(step: nil, slot: slot, serial: serial)
    }
    steps[Int(step.value)].serial += 1
    return EffectID(step: step, slot: slot, serial: steps[Int(step.value)].serial)
  }

  /// Moves a step to a phase and keeps the counts.
  mutating func setPhase(_ step: StepIndex, _ phase: StepPhase) {
    count(steps[Int(step.value)].move(to: phase))
  }

  /// Moves a step to a phase of its way back and keeps the counts.
  mutating func setUndo(_ step: StepIndex, _ undo: UndoPhase) {
    count(steps[Int(step.value)].move(to: undo))
  }

  private mutating func count(_ change: StepState.Change) {
    live += change.live
    busy += change.busy
    liveBlocks += change.holding
  }
}
