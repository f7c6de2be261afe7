import Expressions
import Journal
import RunEngine
import RunbookParser

/// Looks on while a run is rehearsed, and says what is wrong with its runbook.
struct FindingWatch: Sendable {
  /// What was found.
  struct Found: Sendable {
    var key: Finding.Key
    var message: String
    /// Whether it takes that the operator asks for a rollback after the run.
    var takesRequest: Bool
  }

  /// What was found, in order, each once.
  private(set) var found: [Found] = []
  /// The addresses of the actions of ways back that undid something, without the numbers of repetitions.
  private(set) var undone: Set<String> = []
  /// How long it took until the run was over for the first time, in milliseconds; what is asked for then counts no more.
  private(set) var length: Int64?
  /// Whether the operator has asked for a rollback that the scenario does not know of.
  var isOnRequest = false

  private var known: Set<Finding.Key> = []
  /// Steps that are in place though something that they need was undone; what that is.
  private var bereft: [StepIndex: StepIndex] = [:]
  /// Steps whose ways back had trouble that the world or people made.
  private var troubled: Set<StepIndex> = []
  /// The actions of ways back that began.
  private var begun: [StepIndex: Set<Int>] = [:]

  /// Feeds a hasher with all that what can still be found depends on.
  func feedFuture(into hasher: inout Hasher) {
    hasher.combine(isOnRequest)
    hasher.combine(length == nil)
    hasher.combine(bereft)
    hasher.combine(troubled)
    hasher.combine(begun)
  }

  private mutating func add(_ kind: Finding.Kind, _ address: String, _ message: @autoclosure () -> String) {
    let key = Finding.Key(kind, address)
    guard known.insert(key).inserted else { return }
    found.append(Found(key: key, message: message(), takesRequest: isOnRequest))
  }

  // MARK: What happens

  /// Takes what was recorded, before anything that follows from it has begun.
  mutating func hear(_ event: RunEvent, at time: Int64, _ state: RunState, _ world: ScriptedWorld) {
    switch event {
    case .intended(let id, let action, _): hearIntent(id, action, state, world)
    case .actionEnded(let id, let end):
      guard let step = id.step else { return }
      switch id.slot {
      case .undo: note(isTroubled: !state.isSuccess(end, of: id), step)
      case .undoVerify: troubled.insert(step)
      case .item where state.activeUndo == step: troubled.insert(step)
      default: break
      }
    case .actionRefused(let id, _): if case .undo = id.slot, let step = id.step { troubled.insert(step) }
    case .engineStarted(let start) where start.purpose == .resume:
      if let step = state.activeUndo { troubled.insert(step) }
    case .asked(let id, _): hearQuestion(id, state)
    case .unanswerable(let id): if let step = id.step, state.activeUndo == step { troubled.insert(step) }
    case .undoEnded(let step, let end, _): hearUndoEnd(step, end, state, world)
    case .runEnded where length == nil:
      length = time - state.startedAt
      guard let objective = state.plan.objectives?.recoveryTime, time - state.startedAt > objective else { return }
      add(
        .overObjective, "run",
        "it takes \(DurationText.render(time - state.startedAt)), and the recovery time objective is "
          + DurationText.render(objective))
    default: break
    }
  }

  private mutating func note(isTroubled: Bool, _ step: StepIndex) {
    if isTroubled { troubled.insert(step) } else { troubled.remove(step) }
  }

  private mutating func hearIntent(
    _ id: EffectID, _ action: ResolvedAction, _ state: RunState, _ world: ScriptedWorld
  ) {
    guard let step = id.step else { return }
    switch id.slot {
    case .action:
      if state.effect(of: step) == .irreversible, !isApproved(step, state) {
        add(
          .unapproved, RunEventCodec.address(step, state),
          "it cannot be undone, and begins without anybody's approval: give it an `approval`")
      }
      if let gated = staleGate(of: step, state), let check = earlierCheck(of: gated, state) {
        add(
          .staleGate, RunEventCodec.address(gated, state),
          "\(check) was looked at before people were asked, and is not looked at again once they have approved: "
            + "give the step `preconditions`")
      }
    case .undo(let place):
      hearUndoIntent(id, step, place, action, state, world)
    default: break
    }
  }

  private mutating func hearUndoIntent(
    _ id: EffectID, _ step: StepIndex, _ place: Int, _ action: ResolvedAction, _ state: RunState,
    _ world: ScriptedWorld
  ) {
    begun[step, default: []].insert(place)
    if !world.everApplied.contains(step), case let undo = state.undoActions(step)[place], !undo.repeatable,
      undo.action.isPerformed
    {
      add(
        .unsafeUndo, RunEventCodec.address(id, state),
        "it runs though \(RunEventCodec.address(step, state)) never took effect: "
          + (state.step(step).applied == nil
            ? "give the step `applied`, or say " : "`applied` may have no answer, so say ")
          + "`repeatable: true` of the way back if it is safe where nothing is to be undone")
    }
    if let need = bereft[step] {
      add(
        .undoOrder, RunEventCodec.address(step, state),
        "it is undone after \(RunEventCodec.address(need, state)), which it needs")
    }
    for name in action.secrets where state.plan.isOptionalSecret(name) {
      add(
        .missingOnWayBack, RunEventCodec.address(id, state),
        "it is given the secret \(name), which may be missing: require it, or look for it in `preconditions`")
    }
  }

  private mutating func hearQuestion(_ id: EffectID, _ state: RunState) {
    guard let step = id.step else { return }
    if state.activeUndo == step { troubled.insert(step) }
    guard id.slot == .doubt, state.step(step).applied == nil else { return }
    add(
      .personalDoubt, RunEventCodec.address(step, state),
      "an engine that dies here leaves a doubt that only a person can settle: give it `applied`")
  }

  private mutating func hearUndoEnd(_ step: StepIndex, _ end: UndoEnd, _ state: RunState, _ world: ScriptedWorld) {
    switch end {
    case .undone:
      bereft[step] = nil
      for place in begun[step] ?? [] {
        undone.insert(
          PlanAddresses.withoutNumbers(
            RunEventCodec.address(EffectID(step: step, slot: .undo(place), serial: 0), state)))
      }
      // What is temporary is meant to be gone while what needed it stays.
      if state.step(step).temporary, !state.rolledBack { return }
      // What needs it began after it.
      for other in state.intents.reversed() {
        if other == step { break }
        guard world.isInPlace(other), bereft[other] == nil else { continue }
        if state.allNeeds(of: other).contains(step) { bereft[other] = step }
      }
    case .failed(let reason, inDoubt: false)
    where !troubled.contains(step)
      && state.undoActions(step)[state.steps[Int(step.value)].undoPlace].action.isPerformed:
      add(
        .missingOnWayBack, RunEventCodec.address(step, state),
        "its way back cannot be worked out, with nothing else amiss there: \(reason)")
    case .failed, .spared, .left, .heldBack: break
    }
  }

  // MARK: What a step stands on

  /// Whether people approved of a step, or of what it stands inside.
  private func isApproved(_ step: StepIndex, _ state: RunState) -> Bool {
    var next: StepIndex? = step
    while let step = next {
      if state.needsApproval(step) { return true }
      next = state.owner(of: step)
    }
    return false
  }

  /// The step whose gate was opened for a step, its own or that of one that it stands inside, where nothing is looked at
  /// again behind it.
  private func staleGate(of step: StepIndex, _ state: RunState) -> StepIndex? {
    var next: StepIndex? = step
    while let holder = next {
      if !state.step(holder).preconditionChecks.isEmpty { return nil }
      if state.needsApproval(holder) { return holder }
      next = state.owner(of: holder)
    }
    return nil
  }

  /// Something that was looked at before a gate, and that what stands behind the gate rests on.
  private func earlierCheck(of step: StepIndex, _ state: RunState) -> String? {
    if !state.plan.preconditions.isEmpty { return "what must hold before the run" }
    let needs = state.allNeeds(of: step).sorted { $0.value < $1.value }
    return needs.first { need in
      switch state.step(need).action {
      case .check, .assert: state.status(of: need) == .succeeded
      default: false
      }
    }.map { RunEventCodec.address($0, state) }
  }

  // MARK: The end

  /// Whether something is left that a rollback on request might still undo, or the run is not over.
  func wantsRequest(_ state: RunState) -> Bool {
    guard state.isTerminal else { return state.engine != nil && state.pause?.complete == true }
    if state.provisionalOutcome == .succeeded { return false }
    return !state.residue.isClean
  }

  /// Looks at where a run has come to.
  mutating func conclude(_ run: RehearsedRun, _ state: RunState) {
    for address in run.hangingAddresses(state) where run.result.standstill != nil {
      add(.deadEnd, address, "nothing bounds its time: it goes on for ever where it hangs. Give it a `timeout`")
    }
    if !state.isTerminal, state.pause?.complete != true, run.result.problems.isEmpty {
      for gate in state.openGates {
        add(
          .deadEnd, RunEventCodec.address(gate.step, state),
          "people are waited for, for ever where nobody comes: say `within` of its approval")
      }
      if state.openGates.isEmpty { add(.deadEnd, "run", "nothing comes any more, and the run is not over") }
    }
    guard state.isTerminal else {
      if isOnRequest { add(.deadEnd, "run", "the run does not come to an end, and cannot be rolled back") }
      return
    }
    if state.provisionalOutcome == .succeeded || !run.result.problems.isEmpty { return }
    for entry in state.residue.entries where run.world.isInPlace(entry.step) && !state.isFinal(entry.step) {
      if state.undoActions(entry.step).isEmpty { continue }
      switch entry.fate {
      case .left, .heldBack, .undoFailed: continue
      case .applied, .inDoubt, .undone, .notApplied: break
      }
      add(
        .uncoveredResidue, RunEventCodec.address(entry.step, state),
        "its change is in place after the way back: no action of its way back runs then")
    }
  }
}

extension Action {
  /// Whether it is done outside, by a program or a server, and not by people.
  fileprivate var isPerformed: Bool {
    switch self {
    case .program, .http, .prometheus: true
    default: false
    }
  }
}

extension ResolvedAction {
  /// The secrets that it is given.
  fileprivate var secrets: [String] {
    var texts: [ResolvedText?] = []
    switch self {
    case .program(let program): texts = program.environment.map(\.value) + [program.input]
    case .http(let call): texts = call.headers.map(\.value) + [call.body]
    default: break
    }
    return texts.compactMap { text in if case .secret(let name)? = text { name } else { nil } }
  }
}

extension RunPlan {
  fileprivate func isOptionalSecret(_ name: String) -> Bool {
    inputs.contains { $0.name == name && $0.isOptional }
  }
}
