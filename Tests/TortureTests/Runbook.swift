import Testing

/// A runbook that a test runs, and what must come of it.
struct Runbook: Sendable, CustomTestStringConvertible {
  /// What allows a step in doubt to be started again, or makes that unnecessary.
  enum Guard: Sendable {
    /// A check tells whether it took effect.
    case applied
    /// Twice is once.
    case repeatable
    /// Its verification tells whether it is done.
    case verify
    /// Only a person can say.
    case nothing
  }

  /// What its undo does.
  enum Undo: Sendable {
    /// Takes the change away.
    case removes
    /// Fails.
    case refuses
    /// Takes the change away and lasts some seconds, unless it is gone already.
    case lasts
  }

  /// A step that changes the world.
  struct Step: Sendable {
    var id: String
    /// What `act` does.
    var verb = "do"
    var `guard`: Guard
    /// Nil: the step before it.
    var needs: [String]?
    var undo = Undo.removes
    /// Whether its verification fails.
    var fails = false
    /// How long it may take.
    var timeout: String?
  }

  var name: String
  var steps: [Step]
  /// What the run ends as, and what the engine then exits with.
  var outcome = "succeeded"
  var status: Int32 = 0
  /// The steps whose change is in place at the end.
  var left: Set<String> = []
  /// Steps that need each other, for the order of their undos; nil: all.
  var branches: [[String]]?
  /// Further keys of the runbook.
  var settings = ""

  var testDescription: String { name }
  var ids: [String] { steps.map(\.id) }
  var chains: [[String]] { branches ?? [ids] }

  /// The runbook as a file.
  func yaml(act: String) -> String {
    var text = """
      belay: 1
      name: \(name)
      title: Change the world
      version: 1.0.0
      owner: torture
      on-failure: rollback
      \(settings)
      steps:

      """
    for step in steps { text += Self.yaml(step, act: act) }
    text += """
      finally:
        - {id: last-word, effect: observe, exec: ['\(act)', tell, last-word]}

      """
    return text
  }

  private static func yaml(_ step: Step, act: String) -> String {
    var lines = ["- id: \(step.id)"]
    if let needs = step.needs { lines.append("  needs: [\(needs.joined(separator: ", "))]") }
    lines.append("  exec: ['\(act)', \(step.verb), \(step.id)]")
    switch step.guard {
    case .applied: lines.append("  applied: {exec: ['\(act)', look, \(step.id)]}")
    case .repeatable: lines.append("  repeatable: true")
    case .verify: lines.append("  verify: [{exec: ['\(act)', is, \(step.id)]}]")
    case .nothing: break
    }
    if let timeout = step.timeout { lines.append("  timeout: \(timeout)") }
    if step.fails { lines.append("  verify: [{exec: ['\(act)', is, what-never-is]}]") }
    switch step.undo {
    case .removes: lines.append("  rollback: {exec: ['\(act)', undo, \(step.id)], repeatable: true}")
    case .refuses: lines.append("  rollback: {exec: ['\(act)', refuse, \(step.id)]}")
    case .lasts: lines.append("  rollback: {exec: ['\(act)', undo-slowly, \(step.id)], repeatable: true}")
    }
    return lines.map { "  \($0)\n" }.joined()
  }
}

extension Runbook {
  /// Everything goes well.
  static let success = Runbook(
    name: "success",
    steps: [Step(id: "a", guard: .applied), Step(id: "b", guard: .repeatable), Step(id: "c", guard: .applied)],
    left: ["a", "b", "c"])

  /// The last step's verification fails, and all is undone.
  static let rollback = Runbook(
    name: "rollback",
    steps: [
      Step(id: "a", guard: .applied), Step(id: "b", guard: .repeatable), Step(id: "c", guard: .applied, fails: true),
    ],
    outcome: "rolled-back", status: 1)

  /// Two branches meet in a step whose verification fails, and all is undone.
  static let branches = Runbook(
    name: "branches",
    steps: [
      Step(id: "l1", guard: .applied, needs: []), Step(id: "l2", verb: "linger", guard: .applied, needs: ["l1"]),
      Step(id: "r1", verb: "linger", guard: .repeatable, needs: []), Step(id: "r2", guard: .repeatable, needs: ["r1"]),
      Step(id: "join", guard: .applied, needs: ["l2", "r2"], fails: true),
    ],
    outcome: "rolled-back", status: 1, branches: [["l1", "l2", "join"], ["r1", "r2", "join"]],
    settings: "max-parallel: 2")

  /// The undo of a step fails, and what came before it is held back.
  static let failingRollback = Runbook(
    name: "failing-rollback",
    steps: [
      Step(id: "a", guard: .applied), Step(id: "b", guard: .applied, undo: .refuses),
      Step(id: "c", guard: .repeatable, fails: true),
    ],
    outcome: "rollback-incomplete", status: 3, left: ["a", "b"])

  /// Nothing but a verification tells whether a step is done; where it does not hold, nobody knows.
  static let doubt = Runbook(
    name: "doubt",
    steps: [Step(id: "a", guard: .repeatable), Step(id: "b", guard: .verify), Step(id: "c", guard: .applied)],
    left: ["a", "b", "c"])

  static let all = [success, rollback, branches, failingRollback, doubt]
}
