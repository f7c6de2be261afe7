import Expressions
import RunbookParser

/// Plans that a seed decides.
package struct RandomPlan {
  var random: SeededGenerator

  private init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// The plan of a seed: some steps with everything that the language allows them, some of which hold others.
  package static func make(seed: UInt64, most: Int = 12) -> RunPlan {
    var maker = RandomPlan(seed: seed)
    return maker.plan(most: most)
  }

  private mutating func plan(most: Int) -> RunPlan {
    var steps: [StepSketch] = []
    for place in 0..<random.number(1...most) { steps.append(sketch(place, among: steps, final: false, depth: 0)) }
    var finally: [StepSketch] = []
    if random.chance(35) {
      for place in 0..<random.number(1...3) { finally.append(sketch(place, among: finally, final: true, depth: 0)) }
    }
    var preconditions: [Precondition] = []
    if random.chance(20) {
      for _ in 0..<random.number(1...2) { preconditions.append(precondition()) }
    }
    let onFailure: FailurePolicy? = random.chance(50) ? nil : random.pick([.rollback, .stop, .ask])
    let maxParallel: Int? = random.chance(40) ? random.number(1...3) : nil
    let timeout: Int64? = random.chance(20) ? Int64(random.number(20...3000)) : nil
    let goesOn = random.chance(30)
    let needsTools = random.chance(15)
    let tunnels = random.chance(15) ? (0..<random.number(1...2)).map { tunnel($0) } : []
    let notices = random.chance(15) ? [notice()] : []
    return RunPlan.of(steps, finally: finally) { plan in
      plan.policy = Self.policy
      plan.onFailure = onFailure
      plan.maxParallel = maxParallel
      plan.timeout = timeout
      plan.detached = goesOn ? .goOn : .pause
      plan.preconditions = preconditions
      plan.tunnels = tunnels
      plan.notices = notices
      if needsTools { plan.tools = [ToolRequirement(name: "psql"), ToolRequirement(name: "kubectl")] }
    }
  }

  // MARK: People

  private static let policy = Policy(
    people: ["alice", "bob", "carol"].map { Policy.Person(name: $0, login: $0) },
    roles: [Policy.Role(name: "one", people: ["alice", "carol"]), Policy.Role(name: "two", people: ["bob", "carol"])])

  /// Who may answer; mostly anybody.
  private mutating func from() -> [String] { random.chance(30) ? [random.pick(["one", "two"])] : [] }

  /// Whose yes a step needs.
  mutating func approval() -> Approval {
    let demands = (0..<random.pick([1, 1, 2])).map { _ in
      Approval.Demand(roles: [random.pick(["one", "two"])], count: random.pick([1, 1, 2]))
    }
    return Approval(demands: demands, within: random.chance(40) ? 900 : nil)
  }

  private mutating func tick(_ text: String) -> ChecklistItem {
    var tick = ChecklistItem.Tick(text: .literal(text))
    tick.from = from()
    return .tick(tick)
  }

  private mutating func manual(_ text: String) -> Manual {
    var manual = Manual(text: .literal(text))
    manual.from = from()
    return manual
  }

  // MARK: Steps

  mutating func sketch(_ place: Int, among earlier: [StepSketch], final: Bool, depth: Int) -> StepSketch {
    let id = (final ? "f" : "s") + (depth == 0 ? "" : "\(depth)-") + String(place)
    var needs: [String] = []
    for other in earlier where random.chance(earlier.count < 4 ? 40 : 25) { needs.append(other.step.id) }
    if depth < 2, random.chance(12) {
      var block = StepSketch(id, .observe, .wait(1), needs: needs)
      block.step = self.block(id, final: final, depth: depth)
      decorateBlock(&block.step, earlier: needs, final: final)
      return block
    }
    var sketch: StepSketch
    let kind = random.number(1...100)
    switch kind {
    case ...55:
      sketch = .change(id)
      if final || random.chance(15) {
        sketch.step.rollback = .none(because: "it is harmless", mendedBy: nil)
      } else {
        sketch.step.rollback = .actions((0..<random.number(1...2)).map { _ in undo(id) })
      }
    case ...75: sketch = .observe(id)
    case ...82: sketch = final ? .observe(id) : .irreversible(id)
    default: sketch = inner(id, kind, final)
    }
    sketch.needs = needs
    decorate(&sketch.step, earlier: needs, final: final)
    if case ...75 = kind, sketch.step.effect == .observe, random.chance(30) { keepRunning(&sketch.step) }
    return sketch
  }

  private mutating func inner(_ id: String, _ kind: Int, _ final: Bool) -> StepSketch {
    switch kind {
    case ...84: return .wait(id, Int64(random.number(1...500)))
    case ...88:
      let change = !final && random.chance(50)
      return .manual(id, change ? .change : .observe, within: random.chance(40) ? 900 : nil, from: from())
    case ...91:
      let rule = random.chance(30) ? expression("true") : nil
      let ends = random.chance(40)
      return StepSketch(
        id, .observe,
        .decide(
          Decision(
            question: .literal("how to go on?"),
            options: [.init(id: "one", when: rule), .init(id: "two", endsRun: ends)])))
    case ...94:
      return StepSketch(
        id, .observe, .checklist([tick("ready"), tick("told"), .check(check()), .check(check())]))
    case ...96: return StepSketch(id, .observe, .assert(expression(random.chance(80) ? "true" : "1 == 2")))
    default: return StepSketch(id, .observe, .check(check()))
    }
  }

  private mutating func decorate(_ step: inout PlannedStep, earlier: [String], final: Bool) {
    if random.chance(12) { step.when = condition(over: earlier) }
    if random.chance(15) { step.preconditions = (0..<random.number(1...2)).map { _ in precondition() } }
    if random.chance(10) { step.confirm = Confirmation(message: .literal("go?")) }
    if random.chance(10) { step.approval = approval() }
    if random.chance(35) { step.onFailure = random.pick([.rollback, .stop, .continue, .ask]) }
    if !final, random.chance(10) { (step.onFailure, step.undoScope) = scopedPolicy() }
    if case .actions = step.rollback, !final, step.effect == .change { step.temporary = random.chance(12) }
    if random.chance(30) { step.verify = (0..<random.number(1...2)).map { _ in check() } }
    if random.chance(10) { step.expect = expression("result.exit == 0") }
    guard case .program = step.action else {
      step.expect = nil
      switch step.action {
      case .check, .decide, .checklist: if random.chance(25) { step.timeout = Int64(random.number(5...400)) }
      default: break
      }
      return
    }
    if step.effect != .observe {
      if random.chance(50) { step.applied = .asking("applied", timeout: random.chance(30) ? 50 : nil) }
      step.repeatable = random.chance(30)
      if random.chance(20) { step.dryRun = .program(.words("dry", step.id)) }
    }
    if step.effect == .observe || step.applied != nil || step.repeatable, random.chance(40) {
      step.retry = retry()
    }
    if random.chance(45) { step.timeout = Int64(random.number(5...200)) }
  }

  private mutating func retry() -> Retry {
    var retry = Retry(attempts: random.number(2...4))
    retry.delay = Int64(random.pick([0, 5, 100]))
    if random.chance(30) { retry.when = expression("result.exit == 1") }
    return retry
  }

  private mutating func undo(_ id: String) -> UndoAction {
    var undo = UndoAction(.program(.words("undo", id)))
    switch random.number(1...20) {
    case 1: undo.action = .manual(manual("undo it by hand"))
    case 2: undo.action = .wait(20)
    case 3: undo.action = .check(check())
    default: break
    }
    if random.chance(10) { undo.when = expression(random.pick(["true", "false", "1 / 0 == 1"])) }
    if random.chance(30) { undo.verify = [check()] }
    undo.repeatable = random.chance(40)
    undo.continuesOnFailure = random.chance(15)
    if case .program = undo.action {
      if random.chance(25) { undo.retry = retry() }
      if random.chance(30) { undo.timeout = Int64(random.number(5...100)) }
    }
    return undo
  }

  // MARK: Checks

  mutating func precondition() -> Precondition {
    Precondition(check: check(), otherwise: random.pick([.stop, .stop, .skip, .done, .ask]))
  }

  mutating func check() -> Check {
    var check = Check.asking("look")
    switch random.number(1...20) {
    case 1: check.probe = .any([.asking("one"), .asking("two")])
    case 2: check.probe = .all([.asking("one"), .asking("two")])
    case 3: check.probe = .all([Check(.not(Check(.not(.asking("one"))))), .asking("two", every: 10, within: 30)])
    case 4: check.probe = .manual(manual("is it so?"))
    case 5: check.probe = .assert(expression(random.chance(80) ? "true" : "1 == 2"))
    default: break
    }
    check.every = Int64(random.pick([1, 10, 50]))
    if random.chance(50) { check.within = Int64(random.number(10...300)) }
    if random.chance(15) {
      check.holds = Int64(random.number(5...60))
      check.tolerate = random.number(0...1)
    }
    if random.chance(30) { check.timeout = Int64(random.number(5...40)) }
    return check
  }
}
