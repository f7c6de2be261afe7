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
    var answered = false
    var appliedSaidNo = false
  }

  let plan: RunPlan
  let steps: [PlannedStep]
  let needs: [[Int]]
  private(set) var violations: [String] = []
  var facts: [StepFacts]
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

  package init(plan: RunPlan) {
    self.plan = plan
    steps = plan.steps + plan.finally
    needs = plan.steps.map(\.needs) + plan.finally.map { $0.needs.map { $0 + plan.steps.count } }
    facts = Array(repeating: StepFacts(), count: steps.count)
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

  func name(_ step: Int) -> String { steps[step].id }

  func isFinal(_ step: Int) -> Bool { step >= plan.steps.count }

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
      if start.purpose == .rollback { undo = UndoFacts() }
      ended = nil
    case .intended(let id, _, _): takeIntent(id)
    case .actionRefused(let id, _): takeRefusal(id)
    case .actionEnded(let id, let end): takeEnd(id, end)
    case .answered(let id, let answer, _, _):
      openQuestions.remove(id)
      takeAnswer(id, answer)
    case .unanswerable(let id): openQuestions.remove(id)
    case .stepEnded(let step, let end, _, _): takeStepEnd(Int(step.value), end)
    case .failureDecided: failed = true
    case .rollbackStarted:
      if rollingBack { report("invariant 6: the way back begins twice") }
      rollingBack = true
    case .undoEnded(let step, let end, _): takeUndoEnd(Int(step.value), end)
    case .timerFired(let timer):
      if timer.purpose == .deadline, rollingBack {
        report("invariant 6: the run's deadline passed in the rollback")
      }
    case .terminated: terminating = true
    case .paused(let reason):
      if reason == .terminated, !inFlight.isEmpty { report("4.14: the engine ends with \(inFlight) in flight") }
      engineGone()
    case .runEnded(let outcome, _, _, _): takeRunEnd(outcome)
    case .abandoned: engineGone()
    case .runStarted, .actionStarted, .tunnelOpened, .operatorInterrupted, .detached, .pauseRequested, .asked,
      .expanded, .undoStarted:
      break
    }
  }

  private func isEngineStart(_ event: RunEvent) -> Bool {
    if case .engineStarted = event { true } else { false }
  }

  /// What came along with the event that ended the run is recorded, and without effect.
  private func isFromOutside(_ event: RunEvent) -> Bool {
    switch event {
    case .operatorInterrupted, .terminated, .detached, .pauseRequested, .answered, .unanswerable: true
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
    if !isFinal(step), failed { report("4.5: \(name(step)) is intended after the first failure") }
    if rollingBack, !isFinal(step) { report("4.6: \(name(step)) goes forward after the way back began") }
    if terminating { report("4.14: \(name(step)) is intended after TERM") }
    if facts[step].end != nil { report("invariant 5: \(name(step)) is intended after its end") }
  }

  /// What must be so before a step's first intent.
  private mutating func checkBeginning(of step: Int) {
    for need in needs[step] {
      switch facts[need].end {
      case .succeeded, .skipped: break
      case .failed where isFinal(step) || policy(of: need) == .continue: break
      default: report("4.3: \(name(step)) begins before its need \(name(need)) is satisfied")
      }
    }
    if steps[step].confirm != nil, !facts[step].confirmed {
      report("4.2: \(name(step)) begins without the confirmation that it needs")
    }
    let others = inFlight.keys.filter { !isFinal(Int($0.step?.value ?? 0)) && !isKept($0) }
    if isFinal(step), !others.isEmpty {
      report("4.12: \(name(step)) of finally begins with steps in flight")
    }
  }

  /// Whether it is a background program or a message, which no step waits for.
  func isKept(_ id: EffectID) -> Bool { id.step.map { steps[Int($0.value)].ready != nil } ?? true }

  private func policy(of step: Int) -> FailurePolicy? { steps[step].onFailure ?? plan.onFailure }

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

  private mutating func takeStepEnd(_ step: Int, _ end: StepEnd) {
    if facts[step].end != nil { report("invariant 5: \(name(step)) ends twice") }
    facts[step].end = end
    if isNoStart(step, end) {
      order.removeAll { $0 == step }
      facts[step].refused = true
    }
    if case .failed(let failure, _) = end, !isFinal(step) {
      if policy(of: step) != .continue || failure.cause == .stopped { failed = true }
    }
  }

  /// An open gate is no start, nor is what `applied` said no about before anything was done about it.
  private func isNoStart(_ step: Int, _ end: StepEnd) -> Bool {
    guard facts[step].intents == 1, case .failed(let failure, inDoubt: false) = end else { return false }
    if case .manual = steps[step].action { return !facts[step].answered }
    return failure.message == "interrupted before it took effect" && facts[step].appliedSaidNo
  }

  private mutating func takeRunEnd(_ outcome: RunOutcome) {
    ended = outcome
    for id in inFlight.keys { report("invariant 5: the run ends with \(id) in flight") }
    for id in probes { report("invariant 5: the run ends with the probe \(id) in flight") }
    for step in steps.indices where facts[step].intents > 0 && facts[step].end == nil {
      report("invariant 5: the run ends and \(name(step)), which had started, has no end")
    }
    checkOutcome(outcome)
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
    let running = inFlight.keys.filter { if case .action = $0.slot { true } else { false } }.count
    if let bound = plan.maxParallel, running > bound { report("4.3: \(running) actions in flight at once") }
  }
}
