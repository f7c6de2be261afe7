import RunEngine
import RunbookParser

/// Holds what happened against the invariants, from the entries and the plan alone: it asks the state machine nothing.
package struct SimulationOracle {
  /// What is known of a step from the entries.
  struct StepFacts {
    var intents = 0
    var started = 0
    /// Whether the last start is known not to have taken effect, or may be repeated all the same.
    var mayStart = true
    var refused = false
    var end: StepEnd?
    var undoEnd: UndoEnd?
    var confirmed = false
    /// Who has approved it, by the records of their votes.
    var approvers: [Int64: String] = [:]
    /// Whether the present engine has verified that once more.
    var approvalsVerified = false
    /// The entry at which that was.
    var verifiedAt = 0
    /// The entry at which the last attempt ended.
    var attemptEnded = 0
    var answered = false
    var appliedSaidNo = false
  }

  let plan: RunPlan
  /// The plan's steps, those of its `finally`, and those inside others as they turn out.
  var steps: [PlannedStep] = []
  /// For each step, where it stands.
  var standings: [Standing] = []
  private(set) var violations: [String] = []
  var facts: [StepFacts] = []
  var intended: Set<EffectID> = []
  var issued: Set<EffectID> = []
  var asked: Set<EffectID> = []
  var inFlight: [EffectID: Effect] = [:]
  var probes: Set<EffectID> = []
  var openQuestions: Set<EffectID> = []
  /// The steps in the order of their first intents, without those whose start was refused.
  var order: [Int] = []
  var failed = false
  var rollingBack = false
  var ended: RunOutcome?
  var terminating = false
  /// Whether TERM came in an earlier batch.
  var nothingNew = false
  var batch = 0
  /// How the undos of the present way back went.
  var undo = UndoFacts()
  var position = 0
  /// What the present way back comes to, where that is not everything.
  var reach: UndoReach?
  /// The step whose failure decided how the run goes on, and the policy.
  var decided: (step: Int?, policy: FailurePolicy)?
  /// Steps that hold others, and failed because what was inside was undone and the run went on.
  var toleratedBlocks: Set<Int> = []
  /// Whether a way back was asked for.
  var backRequested = false
  /// What was undone by itself, where the failure says that the run goes on then.
  var goneOnWithout: Set<Int> = []
  /// The called runbooks whose time is over.
  var overdue: Set<Int> = []
  /// Whether the plan's `finally` has begun to act under the present engine.
  var isFinishing = false
  /// How often the operator interrupted the present engine, and how often its `finally`.
  var interrupts = 0
  var finallyInterrupts = 0
  var finallyEnded = false
  var mayHaveEndedFinally = false

  package init(plan: RunPlan) {
    self.plan = plan
    enter(plan.steps, Standing(role: .main))
    enter(plan.finally, Standing(role: .finally, isFinal: true, isAtEnd: true))
  }

  /// What is wrong with what happened; empty if nothing is.
  package static func check(_ entries: [SimulationEntry], of plan: RunPlan) -> [String] {
    var oracle = SimulationOracle(plan: plan)
    for entry in entries {
      oracle.position += 1
      switch entry {
      case .committed(let event, _, let batch):
        if batch != oracle.batch { oracle.closeBatch() }
        oracle.batch = batch
        oracle.take(event)
      case .performed(let effect, _, _): oracle.take(effect)
      case .crashed: oracle.engineGone()
      }
    }
    oracle.closeBatch()
    return oracle.violations
  }

  mutating func report(_ text: String) { violations.append("\(text) (entry \(position))") }

  func isFinal(_ step: Int) -> Bool { standings[step].isFinal }

  /// What must be so once the effects of a batch have been performed.
  private mutating func closeBatch() {
    nothingNew = terminating
    guard ended != nil else { return }
    for id in openQuestions { report("invariant 5: the run ends with the question \(id) open") }
    openQuestions = []
  }

  private mutating func engineGone() {
    inFlight = [:]
    probes = []
    openQuestions = []
    undo.active = nil
  }

  // MARK: Events

  private mutating func take(_ event: RunEvent) {
    if ended != nil, !isEngineStart(event), !isFromOutside(event) {
      report("invariant 5: \(event) after the end of the run")
    }
    switch event {
    case .engineStarted(let start):
      engineGone()
      terminating = false
      nothingNew = false
      isFinishing = false
      interrupts = 0
      finallyInterrupts = 0
      for step in facts.indices { facts[step].approvalsVerified = false }
      if start.purpose == .rollback { beginRollback(onRequest: true) }
      ended = nil
    case .intended(let id, _, _): takeIntent(id)
    case .actionRefused(let id, _): takeRefusal(id)
    case .actionEnded(let id, let end): takeEnd(id, end)
    case .answered(let id, .vote(let vote), _, _): takeVote(id, vote)
    case .answered(let id, let answer, _, _):
      openQuestions.remove(id)
      takeAnswer(id, answer)
    case .unanswerable(let id): openQuestions.remove(id)
    case .votesVerified(let id, let void, let denials): takeVerification(id, void, denials)
    case .stepEnded(let step, let end, _, _): takeStepEnd(Int(step.value), end)
    case .failureDecided(let step, _, let policy): takeFailure(step.map { Int($0.value) }, policy)
    case .rollbackStarted:
      if rollingBack { report("invariant 6: the way back begins twice") }
      beginRollback(onRequest: false)
    case .expanded(let step, let expansion): takeExpansion(Int(step.value), expansion)
    case .undoStarted(let reach): takeReach(reach)
    case .operatorInterrupted: takeInterrupt()
    case .undoEnded(let step, let end, _): takeUndoEnd(Int(step.value), end)
    case .timerFired(let timer):
      if timer.purpose == .deadline, rollingBack, timer.owner.step.map({ !isFinal(Int($0.value)) }) ?? true {
        report("invariant 6: a deadline passed in the rollback")
      }
      if timer.purpose == .deadline, let step = timer.owner.step { takeDeadline(Int(step.value)) }
    case .terminated: terminating = true
    case .paused(let reason):
      if reason == .terminated, !inFlight.isEmpty { report("4.14: the engine ends with \(inFlight) in flight") }
      engineGone()
    case .runEnded(let outcome, _, _, _): takeRunEnd(outcome)
    case .abandoned: engineGone()
    case .runStarted, .actionStarted, .tunnelOpened, .detached, .pauseRequested, .asked, .voteRefused: break
    }
  }

  private func isEngineStart(_ event: RunEvent) -> Bool {
    if case .engineStarted = event { true } else { false }
  }

  /// What came along with the event that ended the run is recorded, and without effect.
  private func isFromOutside(_ event: RunEvent) -> Bool {
    switch event {
    case .operatorInterrupted, .terminated, .detached, .pauseRequested, .answered, .votesVerified, .voteRefused,
      .unanswerable, .tunnelOpened:
      true
    default: false
    }
  }

  private mutating func takeIntent(_ id: EffectID) {
    guard let index = id.step else {
      if case .notice = id.slot { intended.insert(id) } else { report("invariant 1: an intent without a step") }
      return
    }
    let step = Int(index.value)
    intended.insert(id)
    if case .undo(let place) = id.slot { return takeUndoIntent(step, place) }
    checkApproval(of: step)
    checkTime(of: step)
    facts[step].intents += 1
    // A background program is started again for those that need it, whatever became of its step.
    if facts[step].intents > 1, steps[step].ready != nil {
      if terminating { report("4.14: \(name(step)) is intended after TERM") }
      return
    }
    if facts[step].intents == 1 || facts[step].refused {
      facts[step].refused = false
      order.append(step)
      checkBeginning(of: step)
    }
    if !isFinal(step), facts[step].intents == 1, lineage(of: step).contains(where: goneOnWithout.contains) {
      report("4.5: \(name(step)) is intended after what it stands inside was undone")
    }
    if !isFinal(step), failed { resumeForward() }
    if !isFinal(step), failed { report("4.5: \(name(step)) is intended after the first failure") }
    if rollingBack || backRequested, !isFinal(step) {
      report("4.6: \(name(step)) goes forward after the way back began")
    }
    if terminating { report("4.14: \(name(step)) is intended after TERM") }
    if facts[step].end != nil { report("invariant 5: \(name(step)) is intended after its end") }
    if standings[step].isAtEnd { isFinishing = true }
    if isFinal(step), finallyEnded { report("4.12: \(name(step)) is intended after the operator ended `finally`") }
  }

  /// What must be so before a step's first intent.
  private mutating func checkBeginning(of step: Int) {
    for place in lineage(of: step) {
      for need in standings[place].needs {
        switch facts[need].end {
        case .succeeded, .skipped: break
        case .failed where isFinal(step) || policy(of: need) == .continue || toleratedBlocks.contains(need): break
        default: report("4.3: \(name(step)) begins before its need \(name(need)) is satisfied")
        }
      }
      checkTurn(of: place, before: step)
    }
    if steps[step].confirm != nil, !facts[step].confirmed {
      report("4.2: \(name(step)) begins without the confirmation that it needs")
    }
    let others = inFlight.keys.filter { !isFinal(Int($0.step?.value ?? 0)) && !isKept($0) }
    if standings[step].isAtEnd, !others.isEmpty {
      report("4.12: \(name(step)) of finally begins with steps in flight")
    }
  }

  /// Whether it is a background program or a message, which no step waits for.
  func isKept(_ id: EffectID) -> Bool { id.step.map { steps[Int($0.value)].ready != nil } ?? true }

  func policy(of step: Int) -> FailurePolicy? { steps[step].onFailure ?? plan.onFailure }

  private mutating func takeRefusal(_ id: EffectID) {
    inFlight[id] = nil
    probes.remove(id)
    if undo.active == id { undo.active = nil }
    guard let index = id.step, case .action = id.slot else { return }
    let step = Int(index.value)
    facts[step].started -= 1
    if id.serial == 1 {
      order.removeAll { $0 == step }
      facts[step].refused = true
    }
  }

  private mutating func takeEnd(_ id: EffectID, _ end: ActionEnd) {
    inFlight[id] = nil
    if undo.active == id { undo.active = nil }
    let wasProbe = probes.remove(id) != nil
    guard let index = id.step else { return }
    let step = Int(index.value)
    if case .action = id.slot { facts[step].attemptEnded = position }
    switch (id.slot, end.ending) {
    case (.action, .exited), (.action, .answered): facts[step].mayStart = !wasProbe
    case (.applied, .exited(let status, _, _)) where status != 0:
      facts[step].mayStart = true
      if facts[step].end == nil { facts[step].appliedSaidNo = true }
    default: break
    }
  }

  private mutating func takeAnswer(_ id: EffectID, _ answer: Answer) {
    guard let index = id.step else { return }
    let step = Int(index.value)
    if case .action = id.slot { facts[step].answered = true }
    switch (id.slot, answer) {
    case (.confirmation, .yes): facts[step].confirmed = true
    case (.doubt, .choice("repeat")): facts[step].mayStart = true
    case (.policy, .yes): undo.passed.insert(step)
    default: break
    }
  }

  private mutating func takeVote(_ id: EffectID, _ vote: Vote) {
    guard let step = id.step.map({ Int($0.value) }), let approval = steps[step].approval, vote.approves,
      approval.demands.contains(where: { plan.policy?.has(vote.person, oneOf: $0.roles) == true })
    else { return }
    facts[step].approvers[vote.record] = vote.person
  }

  private mutating func takeVerification(_ id: EffectID, _ void: [VoidVote], _ denials: [Vote]) {
    // It is of the innermost gate around the step that this engine has not verified yet.
    guard let index = id.step.map({ Int($0.value) }),
      let step = lineage(of: index).first(where: {
        steps[$0].approval != nil && (!facts[$0].approvalsVerified || facts[$0].verifiedAt < facts[index].attemptEnded)
      })
    else { return }
    for vote in void { facts[step].approvers[vote.record] = nil }
    let isDenied = denials.contains { vote in
      steps[step].approval?.demands.contains { plan.policy?.has(vote.person, oneOf: $0.roles) == true } == true
    }
    facts[step].approvalsVerified = void.isEmpty && !isDenied
    facts[step].verifiedAt = position
  }

  /// What must be so before a step begins that people must approve, or that stands inside such a one.
  mutating func checkApproval(of index: Int) {
    for step in lineage(of: index) {
      guard let approval = steps[step].approval else { continue }
      let approvers = Set(facts[step].approvers.values)
      for demand in approval.demands
      where approvers.count(where: { plan.policy?.has($0, oneOf: demand.roles) == true }) < demand.count {
        report("invariant 8: \(name(index)) begins without the approvals that \(name(step)) needs")
      }
      if !facts[step].approvalsVerified || facts[step].verifiedAt < facts[index].attemptEnded {
        report("invariant 8: \(name(index)) begins though this engine has not verified the approvals of \(name(step))")
      }
    }
  }

  private mutating func takeStepEnd(_ step: Int, _ end: StepEnd) {
    if facts[step].end != nil { report("invariant 5: \(name(step)) ends twice") }
    facts[step].end = end
    if isNoStart(step, end) {
      order.removeAll { $0 == step }
      facts[step].refused = true
    }
    if case .failed(let failure, _) = end, !isFinal(step) {
      let isUndone = failure.cause != .stopped && lineage(of: step).contains(where: goneOnWithout.contains)
      if steps[step].action.isBlock, isUndone || isLeftBehind(step) {
        toleratedBlocks.insert(step)
      } else if policy(of: step) != .continue || steps[step].undoScope != nil || failure.cause == .stopped {
        failed = true
      }
    }
    checkBlockEnd(step, end)
  }

  /// An open gate is no start, nor is what `applied` said no about before anything was done about it.
  private func isNoStart(_ step: Int, _ end: StepEnd) -> Bool {
    guard facts[step].intents == 1, case .failed(let failure, inDoubt: false) = end else { return false }
    if case .manual = steps[step].action { return !facts[step].answered }
    let isCutShort = failure.cause == .deadline || failure.message == "interrupted before it took effect"
    return isCutShort && facts[step].appliedSaidNo
  }

  private mutating func takeRunEnd(_ outcome: RunOutcome) {
    ended = outcome
    for id in inFlight.keys { report("invariant 5: the run ends with \(id) in flight") }
    for id in probes { report("invariant 5: the run ends with the probe \(id) in flight") }
    for step in steps.indices where facts[step].intents > 0 && facts[step].end == nil {
      report("invariant 5: the run ends and \(name(step)), which had started, has no end")
    }
    checkOutcome(outcome)
    checkBlocks(outcome)
  }

  // MARK: Effects

  private mutating func take(_ effect: RunEffect) {
    switch effect {
    case .start(let request): takeStart(request)
    case .probe(let request):
      if nothingNew { report("4.14: the probe \(request.id) after TERM") }
      if !issued.insert(request.id).inserted { report("invariant 5: the probe \(request.id) is issued twice") }
      probes.insert(request.id)
      if isSafetyProbe(request.id), let step = request.id.step { facts[Int(step.value)].mayStart = false }
    case .open(let id, _):
      if nothingNew { report("4.14: the tunnel \(id) after TERM") }
      if !issued.insert(id).inserted { report("invariant 5: the tunnel \(id) is opened twice") }
      probes.insert(id)
    case .ask(let id, _):
      if nothingNew { report("4.14: the question \(id) after TERM") }
      openQuestions.insert(id)
    case .withdraw(let id): openQuestions.remove(id)
    case .close, .verify: break
    case .stop(let id):
      if inFlight[id] == .irreversible, !terminating, !isTimeoutAllowed(id) {
        report("4.5: the irreversible \(id) is stopped")
      }
    case .timer, .record, .report: break
    }
  }

  /// A new question about the effect makes an older answer worthless.
  private func isSafetyProbe(_ id: EffectID) -> Bool { if case .applied = id.slot { true } else { false } }

  private func isTimeoutAllowed(_ id: EffectID) -> Bool {
    id.step.map { steps[Int($0.value)].timeout != nil } ?? false
  }

  private mutating func takeStart(_ request: StartRequest) {
    let id = request.id
    if !intended.contains(id) { report("invariant 1: \(id) starts without a durable intent") }
    if !issued.insert(id).inserted { report("invariant 5: the start \(id) is issued twice") }
    inFlight[id] = request.effect
    guard let index = id.step else { return }
    let step = Int(index.value)
    if case .undo = id.slot { return takeUndoStart(id, step) }
    facts[step].started += 1
    if request.effect != .observe {
      if facts[step].started > 1, !facts[step].mayStart, !steps[step].repeatable {
        report("invariant 4: \(name(step)) starts again though nothing allows it")
      }
      facts[step].mayStart = false
    }
    let running = inFlight.keys.filter { $0.slot == .action && !isKept($0) }.count
    if let bound = plan.maxParallel, running > bound { report("4.3: \(running) actions in flight at once") }
    checkSlots(around: step)
  }
}
