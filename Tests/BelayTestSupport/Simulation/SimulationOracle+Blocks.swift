import RunEngine
import RunbookParser

/// Where a step stands, as far as plan and records say.
struct Standing {
  /// The part of the list around it.
  enum Role: Equatable {
    /// The plan's steps, or those of a called runbook.
    case main
    /// A `finally`.
    case finally
    /// One element of a list.
    case item(Int)
    /// A group.
    case group
  }

  var role: Role
  /// The step it stands inside.
  var owner: Int?
  /// The steps of its own list that it needs, among all steps.
  var needs: [Int] = []
  /// Whether it stands in a `finally`, or inside a step that does.
  var isFinal = false
  /// Whether that is the plan's own.
  var isAtEnd = false
}

extension Action {
  /// Whether steps stand inside it.
  var isBlock: Bool { !blocks.isEmpty }
}

extension SimulationOracle {
  // MARK: Places

  /// Takes the steps of a list, as the plan says them.
  mutating func enter(_ planned: [PlannedStep], _ standing: Standing) {
    let first = steps.count
    for step in planned {
      var own = standing
      own.needs = step.needs.map { first + $0 }
      steps.append(step)
      standings.append(own)
      facts.append(StepFacts())
    }
  }

  mutating func takeExpansion(_ step: Int, _ expansion: Expansion) {
    if facts[step].end != nil { report("invariant 5: \(name(step)) begins after its end") }
    if standings.contains(where: { $0.owner == step }) { report("invariant 5: \(name(step)) begins twice") }
    checkApproval(of: step)
    if failed, !isFinal(step) { resumeForward() }
    if failed, !isFinal(step) { report("4.5: \(name(step)) begins after the first failure") }
    if isFinal(step), finallyEnded { report("4.12: \(name(step)) begins after the operator ended `finally`") }
    var around = standings[step]
    around.owner = step
    func inside(_ role: Standing.Role, isFinal: Bool = false) -> Standing {
      var standing = around
      standing.role = role
      standing.isFinal = around.isFinal || isFinal
      return standing
    }
    switch (steps[step].action, expansion) {
    case (.forEach(let each), .items(let values)):
      for number in values.indices { enter([each.template], inside(.item(number))) }
    case (.group(let group), .group): enter(group.steps, inside(.group))
    case (.call(let call), .call):
      enter(call.steps, inside(.main))
      enter(call.finally, inside(.finally, isFinal: true))
    default: report("\(name(step)) holds what does not fit it")
    }
  }

  /// A step and what it stands inside, from the inside out.
  func lineage(of step: Int) -> [Int] {
    var found = [step]
    while let owner = standings[found[found.count - 1]].owner { found.append(owner) }
    return found
  }

  func name(_ step: Int) -> String {
    lineage(of: step).reversed().map { place in
      if case .item(let number) = standings[place].role { return "[\(number)]" }
      return (standings[place].owner == nil ? "" : "/") + steps[place].id
    }.joined()
  }

  private func inner(of step: Int) -> [Int] { standings.indices.filter { standings[$0].owner == step } }

  // MARK: Turns

  /// What must be so before anything of a step begins, besides its needs.
  mutating func checkTurn(of place: Int, before step: Int) {
    guard let owner = standings[place].owner else { return }
    for id in probes where id.step == StepIndex(owner) {
      report("4.10: \(name(step)) begins while \(id) of \(name(owner)) is asked")
    }
    switch standings[place].role {
    case .item(let number):
      guard case .forEach(let each) = steps[owner].action else { return }
      let others = inner(of: owner).filter { $0 != place }
      let open = others.filter { other in hasBegun(other) && facts[other].end == nil }
      if open.count >= each.limit { report("4.10: \(name(step)) begins beside \(open.count) other items") }
      for other in others where !isFinal(step) {
        if case .failed = facts[other].end, policy(of: other) != .continue, !toleratedBlocks.contains(other) {
          report("4.10: \(name(step)) begins though the item \(name(other)) failed")
        }
        if each.limit == 1, case .item(let earlier) = standings[other].role, earlier < number, facts[other].end == nil {
          report("4.10: \(name(step)) begins before the item \(name(other)) has ended")
        }
      }
    case .finally:
      let left = inner(of: owner).filter { standings[$0].role == .main }
      for other in left where steps.indices.contains(where: { isInFlight($0, inside: other) }) {
        report("4.10: \(name(step)) of finally begins while \(name(other)) goes on")
      }
    case .main, .group: break
    }
  }

  private func hasBegun(_ step: Int) -> Bool {
    steps.indices.contains { facts[$0].intents > 0 && lineage(of: $0).contains(step) }
  }

  private func isInFlight(_ step: Int, inside holder: Int) -> Bool {
    facts[step].started > 0 && facts[step].end == nil && lineage(of: step).contains(holder)
  }

  // MARK: Called runbooks

  /// The time of a called runbook is over.
  mutating func takeDeadline(_ step: Int) {
    if facts[step].end != nil { report("4.10: the time of \(name(step)) is over after its end") }
    overdue.insert(step)
  }

  /// Whether no step of a called runbook is intended whose time was over.
  mutating func checkTime(of step: Int) {
    // A background program is started again for those that need it on the way back.
    if steps[step].ready != nil, facts[step].intents > 0 { return }
    for place in lineage(of: step) {
      if overdue.contains(place) { report("4.10: \(name(step)) is intended after the time of \(name(place))") }
      // The `finally` of a called runbook has the time it takes.
      if case .finally = standings[place].role { return }
    }
  }

  /// Whether a called runbook has no more actions in flight than it says.
  mutating func checkSlots(around step: Int) {
    for place in lineage(of: step) {
      guard case .call(let call) = steps[place].action, let bound = call.maxParallel else { continue }
      let running = inFlight.keys.count { id in
        id.slot == .action && !isKept(id) && id.step.map { lineage(of: Int($0.value)).contains(place) } == true
      }
      if running > bound { report("4.10: \(running) actions in flight at once in \(name(place))") }
    }
  }

  // MARK: Ends

  mutating func checkBlockEnd(_ step: Int, _ end: StepEnd) {
    guard steps[step].action.isBlock, end == .succeeded else { return }
    if overdue.contains(step) { report("4.10: \(name(step)) succeeds though its time was over") }
    for other in inner(of: step) {
      if case .failed = facts[other].end, policy(of: other) != .continue, !toleratedBlocks.contains(other),
        !isFinal(other)
      {
        report("4.10: \(name(step)) succeeds though \(name(other)) failed")
      }
      if steps.indices.contains(where: { isInFlight($0, inside: other) }) {
        report("4.10: \(name(step)) succeeds while \(name(other)) goes on")
      }
    }
  }

  /// What must be so of steps that hold others once the run is over.
  mutating func checkBlocks(_ outcome: RunOutcome) {
    for step in steps.indices where standings.contains(where: { $0.owner == step }) {
      if facts[step].end == nil { report("invariant 5: the run ends and \(name(step)), which had begun, has no end") }
      guard case .call = steps[step].action, outcome != .aborted, !mayHaveEndedFinally else { continue }
      for last in inner(of: step) where standings[last].role == .finally && facts[last].end == nil {
        report("4.10: the run ends and \(name(last)), which ends a call, was not run")
      }
    }
    guard outcome == .succeeded else { return }
    for step in order where steps[step].temporary && !isFinal(step) && facts[step].undoEnd == nil {
      report("4.5: the run succeeds and \(name(step)), which is temporary, is not undone")
    }
  }

  // MARK: Ways back

  /// Whether the present way back comes to a step.
  func isReached(_ step: Int) -> Bool {
    switch reach {
    case nil: true
    case .within(let holder): lineage(of: step).contains(Int(holder.value))
    case .temporary: steps[step].temporary
    }
  }

  /// Whether a step that holds others was undone with what failed inside it, and the run goes on.
  func isLeftBehind(_ step: Int) -> Bool {
    guard case .within = reach, let failed = decided?.step, policy(of: failed) == .continue else { return false }
    return isReached(step) && lineage(of: failed).contains(step)
  }

  mutating func takeFailure(_ step: Int?, _ policy: FailurePolicy) {
    failed = true
    decided = (step, policy)
    if let step, toleratedBlocks.contains(step) {
      report("4.5: \(name(step)) decides how the run goes on, though what failed inside it said that it does")
    }
  }

  mutating func takeReach(_ reach: UndoReach) {
    if rollingBack { report("invariant 6: some steps are undone in a rollback") }
    if case .within(let holder) = reach {
      guard let step = decided?.step, let scope = steps[step].undoScope else {
        return report("4.5: \(name(Int(holder.value))) is undone by itself, and nothing says so")
      }
      let origin = lineage(of: step).first { !steps[$0].inheritsFailure } ?? step
      let expected = Self.undone(by: scope, lineage(of: origin), standings)
      if policy(of: step) == .continue { goneOnWithout.insert(Int(holder.value)) }
      if Int(holder.value) != expected { report("4.5: \(name(Int(holder.value))) is undone, not \(name(expected))") }
    }
    self.reach = reach
    undo.lastPlace = nil
    undo.lastStep = nil
  }

  /// What a failure undoes by itself: the item around it, the repetition around that, or the step where there is none.
  private static func undone(by scope: UndoScope, _ lineage: [Int], _ standings: [Standing]) -> Int {
    for (place, step) in lineage.enumerated() {
      guard case .item = standings[step].role else { continue }
      return scope == .item ? step : lineage[place + 1]
    }
    return lineage[0]
  }

  /// A step begins after a failure: right where that was undone by itself, without a hitch, and the run goes on.
  mutating func resumeForward() {
    guard case .within = reach, let step = decided?.step, policy(of: step) == .continue else { return }
    for other in order where isReached(other) && steps[other].effect != .observe && !isFinal(other) {
      switch facts[other].undoEnd {
      case nil: return report("4.5: the run goes on before \(name(other)) is undone")
      case .failed, .heldBack: return report("4.5: the run goes on though the undo of \(name(other)) did not succeed")
      case .undone, .spared, .left: break
      }
    }
    failed = false
    reach = nil
    decided = nil
  }

  mutating func beginRollback(onRequest: Bool) {
    let before = undo
    undo = UndoFacts()
    if !onRequest { (undo.failed, undo.passed) = (before.failed, before.passed) }
    if onRequest { backRequested = true } else { rollingBack = true }
    failed = true
    reach = nil
  }

  // MARK: The operator

  /// INT in the plan's `finally`: the second one ends it.
  mutating func takeInterrupt() {
    interrupts += 1
    if interrupts > 1 { mayHaveEndedFinally = true }
    guard isFinishing, !terminating, !finallyEnded else { return }
    finallyInterrupts += 1
    if finallyInterrupts > 1 { finallyEnded = true }
  }
}
