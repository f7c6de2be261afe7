import Expressions
import RunbookParser

/// Steps that hold others: repetitions, groups, called runbooks.
extension RunState {
  // MARK: Beginning

  /// A step that holds others has everything it waits for: works out what stands inside, and records it.
  mutating func announce(_ step: StepIndex) {
    switch expansion(of: step) {
    case .success(let expansion):
      setPhase(step, .block(.announced))
      effects.append(.record(.expanded(step, expansion)))
    case .failure(.error(let message)): fail(step, .failed, message)
    case .failure(.unknown(let source)): fail(step, .failed, "it rests on \(source), which is not known")
    }
  }

  /// What stands inside a step, as it is approved or worked out now.
  func expansion(of step: StepIndex) -> Result<Expansion, ResolveProblem> {
    switch self[step].action {
    // What was approved is what is done.
    case .forEach where gates[step] != nil: .success(.items(gates[step]?.request.items ?? []))
    case .call where gates[step] != nil: .success(.call(gates[step]?.request.inputs ?? []))
    case .forEach(let each): items(of: each, step)
    case .call(let call): inputs(of: call, step).map { .call($0) }
    default: .success(.group)
    }
  }

  /// The items of a repetition; one unknown item where the list is not known, so that a dry run shows what each does.
  private func items(of each: ForEach, _ step: StepIndex) -> Result<Expansion, ResolveProblem> {
    switch value(each.list, at: vantage(step)) {
    case .success(.list(let values)): .success(.items(values))
    case .success(let other): .failure(.error("`\(each.list.source)` is \(other.typeName), not list"))
    case .failure(.unknown(let source)): .success(.items([.unknown(Unknown(sources: [source]))]))
    case .failure(let problem): .failure(problem)
    }
  }

  /// It is recorded what stands inside a step: it begins.
  mutating func expand(_ step: StepIndex, _ expansion: Expansion) throws(ImpossibleTransition) {
    guard Int(step.value) < steps.count, case .block(.announced) = steps[Int(step.value)].phase else {
      throw ImpossibleTransition("what stands inside a step was not announced")
    }
    let first = frames.count
    if let problem = openInside(step, expansion) {
      if frames.count == first { throw ImpossibleTransition(problem) }
      return fail(step, .failed, problem)
    }
    switch self[step].action {
    case .forEach(let each):
      if case .items(let values) = expansion, case .unknown(let unknown)? = values.first {
        steps[Int(step.value)].certainty = .unknown(unknown.sources.joined(separator: ", "))
      }
      setPhase(step, .block(.items(next: 0, open: 0)))
      beginItems(of: step, each)
    case .group(let group):
      setPhase(step, .block(.group(left: group.steps.count)))
      beginFrame(first)
    case .call(let call):
      if let bound = call.maxParallel { callSlots[step] = CallSlots(bound: bound) }
      boundCall(step)
      beginCall(step, 0)
    default: break
    }
  }

  /// Knows what stands inside a step from here on, for who only asks for names; nothing begins.
  package mutating func open(_ step: StepIndex, _ expansion: Expansion) { _ = openInside(step, expansion) }

  /// Opens the lists that stand inside a step; why that cannot be, or nil.
  mutating func openInside(_ step: StepIndex, _ expansion: Expansion) -> String? {
    let first = frames.count
    switch (self[step].action, expansion) {
    case (.forEach(let each), .items(let values)):
      // An item waits for its turn besides.
      for (number, value) in values.enumerated() { enter(.item(number, value), step, each.steps, turns: 1) }
    case (.group(let group), .group):
      enter(.group, step, group.steps, turns: 0)
    case (.call(let call), .call(let inputs)):
      // They wait for its preconditions besides, and its `finally` for them.
      enter(.main, step, call.steps, turns: 1)
      frames[first].inputs = inputs
      enter(.finally, step, call.finally, turns: 1)
      frames[first + 1].inputs = nil
    default: return "what stands inside a step does not fit it"
    }
    steps[Int(step.value)].frames = first..<frames.count
    if case .call(let call) = self[step].action { return workOutValues(of: call, in: first) }
    return nil
  }

  private mutating func enter(_ kind: Frame.Kind, _ owner: StepIndex, _ planned: [PlannedStep], turns: Int) {
    let outside = Int(steps[Int(owner.value)].frame)
    let outer: Int? =
      switch kind {
      case .main: nil
      case .finally: frames.count - 1
      case .item, .group: outside
      }
    let isFinal: Bool = if case .finally = kind { true } else { frames[outside].isFinal }
    frames.append(
      Frame(
        kind, owner: owner, planned: planned, first: steps.count, outer: outer, isFinal: isFinal,
        isAtEnd: frames[outside].isAtEnd))
    for planned in planned {
      steps.append(StepState(frame: frames.count - 1, openNeeds: planned.needs.count + turns))
    }
  }

  private mutating func beginFrame(_ place: Int) {
    for step in frames[place].range where steps[step].openNeeds == 0 { becomeReady(StepIndex(step)) }
  }

  // MARK: Items

  /// Begins as many items as may go on at once.
  private mutating func beginItems(of step: StepIndex, _ each: ForEach) {
    guard let held = steps[Int(step.value)].frames else { return }
    while case .block(.items(let next, let open)) = steps[Int(step.value)].phase {
      if next == held.count {
        // After a failure `closeBlocks` ends it.
        if open == 0, !isFailing(within: step) { finishItems(step, each, held) }
        return
      }
      guard open < each.limit, mayBegin, !isEndedByChoice(step), !isOverdue(step), !isUndoneAlone(step)
      else { return }
      setPhase(step, .block(.items(next: next + 1, open: open + 1)))
      takeTurn(StepIndex(frames[held.lowerBound + next].first))
    }
  }

  /// Whether something inside a step is what the run fails of, or was stopped for it.
  private func isFailing(within step: StepIndex) -> Bool {
    guard failureInProgress else { return false }
    return inner(of: step).contains { step in
      if case .failed(let failure, _) = steps[Int(step.value)].end { decidesRun(step, failure) } else { false }
    }
  }

  private mutating func finishItems(_ step: StepIndex, _ each: ForEach, _ held: Range<Int>) {
    let items = held.map { steps[frames[$0].first] }
    let outputs = each.template.outputs.map { output in
      NamedValue(
        name: output.name,
        value: .list(items.map { item in item.outputs.first { $0.name == output.name }?.value ?? .null }))
    }
    conclude(step, .succeeded, outputs: outputs, evidence: weakest(items))
  }

  func weakest(_ states: [StepState]) -> Evidence {
    states.contains { $0.evidence == .assumed }
      ? .assumed : states.contains { $0.evidence == .scripted } ? .scripted : .observed
  }

  // MARK: Ends inside

  /// A step ended: what it stands inside goes on, or ends as well.
  mutating func innerEnded(_ step: StepIndex) {
    guard let owner = owner(of: step), case .block(let progress) = steps[Int(owner.value)].phase,
      let held = steps[Int(owner.value)].frames
    else { return }
    switch progress {
    case .announced, .preconditions: break
    case .items, .group, .main:
      if isUndoneAlone(owner) { return endUndone(owner) }
    case .finally: break
    }
    switch progress {
    case .announced, .preconditions: break
    case .items(let next, let open):
      setPhase(owner, .block(.items(next: next, open: open - 1)))
      if case .forEach(let each) = self[owner].action { beginItems(of: owner, each) }
    case .group(let left): leave(owner, held, .group(left: left - 1))
    case .main(let left) where !isFinal(step) || isFinal(owner): leave(owner, held, .main(left: left - 1))
    case .main: break
    case .finally(let left): leave(owner, held, .finally(left: left - 1))
    }
    if isEndedByChoice(step), !failureInProgress { closeChoice(owner) }
  }

  private mutating func leave(_ owner: StepIndex, _ held: Range<Int>, _ progress: BlockProgress) {
    setPhase(owner, .block(progress))
    // After a failure nothing goes on but the way back; `closeBlocks` ends what is not over by itself.
    if !failureInProgress || progress == .group(left: 0) && !isFailing(within: owner) { goOn(owner, held, progress) }
  }

  /// Ends what holds steps, or its part, where none of them is left.
  private mutating func goOn(_ owner: StepIndex, _ held: Range<Int>, _ progress: BlockProgress) {
    switch progress {
    case .group(0): finishGroup(owner, held)
    case .main(0): endMain(owner, held)
    case .finally(0): finishCall(owner, held)
    default: break
    }
  }

  private mutating func finishGroup(_ step: StepIndex, _ held: Range<Int>) {
    let given = outputs(self[step].outputs, .none, at: Vantage(frame: held.lowerBound))
    let evidence = weakest(inner(of: step).map { steps[Int($0.value)] })
    steps[Int(step.value)].outputs = given.values
    steps[Int(step.value)].evidence = evidence
    if let problem = given.problems.first { return fail(step, .failed, problem) }
    conclude(step, .succeeded, outputs: given.values, evidence: evidence)
  }

  /// The steps of a called runbook are over: its `finally` follows.
  mutating func endMain(_ step: StepIndex, _ held: Range<Int>) {
    let last = frames[held.lowerBound + 1]
    if last.planned.isEmpty { return finishCall(step, held) }
    setPhase(step, .block(.finally(left: last.planned.count)))
    beginFinally(held.lowerBound + 1)
  }

  /// Whether a frame is the `finally` of a step that calls a runbook, and has not run to its end.
  func isOwed(_ place: Int, of step: StepIndex) -> Bool {
    guard case .call = self[step].action else { return false }
    return isOwed(place)
  }

  /// Whether a called runbook's `finally` has not run to its end though the call began.
  func isOwed(_ place: Int) -> Bool {
    guard case .finally = frames[place].kind, frames[place].owner != nil else { return false }
    return frames[place].range.contains { steps[$0].end == nil && steps[$0].phase == .waiting }
  }

  /// The owed ones that come next: those of called runbooks before those of their callers.
  var owedFrames: [Int] {
    let owed = frames.indices.filter(isOwed)
    guard owed.count > 1 else { return owed }
    return owed.filter { place in
      guard let holder = frames[place].owner else { return true }
      return !owed.contains { other in
        other != place && frames[other].owner.map { $0 != holder && isWithin($0, holder) } == true
      }
    }
  }

  /// Begins a called runbook's `finally`, or goes on with what is left of it.
  mutating func beginFinally(_ place: Int) {
    if frames[place].hasBegun {
      for step in frames[place].range { beginIfReady(StepIndex(step)) }
    } else {
      frames[place].hasBegun = true
      for step in frames[place].range { takeTurn(StepIndex(step)) }
    }
  }

  /// The first step inside another that failed and was tolerated there, in its groups and repetitions too; what a call in
  /// it came to, that call has said itself.
  func firstFailed(inside step: StepIndex) -> StepIndex? {
    var open = Array(inner(of: step).reversed())
    while let step = open.popLast() {
      if case .failed = steps[Int(step.value)].end { return step }
      if case .call = self[step].action { continue }
      open += inner(of: step).reversed()
    }
    return nil
  }

  // MARK: Choices and failures

  /// Whether a choice ended the runbook that a step belongs to.
  func isEndedByChoice(_ step: StepIndex) -> Bool { frames[runbookFrame(of: step)].endedByChoice }

  /// A choice ended a runbook: what has not begun to act never will.
  mutating func endByChoice(_ place: Int) {
    guard case .main = frames[place].kind else { return }
    frames[place].endedByChoice = true
    for place in steps.indices where steps[place].activity != .none {
      let step = StepIndex(place)
      guard isEndedByChoice(step) else { continue }
      switch steps[place].phase {
      case .askingPrecondition(_, let id, _), .confirming(let id):
        withdraw(id)
        setPhase(step, .waiting)
      case .approving(let id, _) where steps[place].attempt == 0:
        withdraw(id)
        setPhase(step, .waiting)
      case .reverifying where steps[place].attempt == 0:
        releaseSlot(step)
        setPhase(step, .waiting)
      case .ready where steps[place].attempt == 0, .awaiting where steps[place].attempt == 0:
        setPhase(step, .waiting)
      default: break
      }
    }
  }

  /// Ends a step whose inner ones were cut short by a choice, once nothing inside it goes on.
  private mutating func closeChoice(_ owner: StepIndex) {
    guard case .block(let progress) = steps[Int(owner.value)].phase, let held = steps[Int(owner.value)].frames,
      pendingEnds == 0
    else { return }
    switch progress {
    case .finally, .preconditions, .announced: return
    case .items, .group, .main: break
    }
    var open = inner(of: owner)
    var blocks: [StepIndex] = []
    while let step = open.popLast() {
      if case .block = steps[Int(step.value)].phase {
        blocks.append(step)
        open += inner(of: step)
      } else if steps[Int(step.value)].activity != .none {
        return
      }
    }
    if !blocks.isEmpty {
      for block in blocks.sorted().reversed() { conclude(block, .succeeded) }
    } else if case .main = progress {
      endMain(owner, held)
    } else {
      conclude(owner, .succeeded)
    }
  }

  /// Ends the steps whose inner ones can go on no more: something failed, or a choice ended the run.
  mutating func closeBlocks() {
    guard live > 0, live == liveBlocks, pendingEnds == 0, pause == nil else { return }
    let isFailing: Bool = if case .failing = phase { true } else { endsFinally }
    guard isFailing || failure == nil && frames[0].endedByChoice else { return }
    for place in steps.indices.reversed() {
      guard case .block = steps[place].phase else { continue }
      let step = StepIndex(place)
      if isFailing, failure?.step == step, let failure = failure?.failure {
        fail(step, failure.cause, failure.message)
      } else if isFailing {
        fail(step, .stopped, "not all of what stands inside it succeeded")
      } else if isEndedByChoice(step) {
        conclude(step, .succeeded)
      }
    }
  }

  // MARK: Resume

  /// Goes on with what stands inside a step; the inner steps go on by themselves.
  mutating func resumeBlock(_ step: StepIndex, _ progress: BlockProgress) {
    switch progress {
    case .preconditions(let place, _):
      boundCall(step)
      beginCall(step, place)
    case .items:
      if case .forEach(let each) = self[step].action { beginItems(of: step, each) }
    case .announced: announce(step)
    case .group, .main, .finally:
      if case .main = progress { boundCall(step) }
      if let held = steps[Int(step.value)].frames { goOn(step, held, progress) }
    }
  }
}
