import RunbookParser

/// A plan as a graph: what each step does, and which comes before which.
package struct PlanGraph: Sendable {
  /// Something to be known of a step besides what it does.
  struct Note: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
      /// The step is left out unless this is true.
      case condition
      /// Something must hold, or a person must say something, before the step acts.
      case gate
      /// What must hold afterwards.
      case check
      /// How the step is undone.
      case wayBack
      /// There is no way back, or none is taken.
      case noWayBack
    }

    var kind: Kind
    var text: String
  }

  /// A step.
  struct Node: Sendable, Hashable {
    var name: String
    var title: String?
    var action: String
    var effect: Effect
    var notes: [Note]

    /// Whether it may be left out.
    var isConditional: Bool { notes.contains { $0.kind == .condition } }
  }

  /// Steps that belong together; an edge leads from one to a later one of the same part.
  struct Part: Sendable, Hashable {
    var nodes: [Node]
    /// For each node the places of those that come before it.
    var needs: [[Int]]

    init(_ steps: [PlannedStep]) {
      nodes = []
      needs = []
      _ = add(steps, inside: "", after: [])
    }

    /// Adds steps, each followed by those inside it.
    ///
    /// - Parameter entry: What comes before those of them that need none of the others.
    /// - Returns: The nodes with which they are over.
    private mutating func add(_ steps: [PlannedStep], inside prefix: String, after entry: [Int]) -> [Int] {
      var ends: [[Int]] = []
      for step in steps {
        let before = step.needs.isEmpty ? entry : Array(Set(step.needs.flatMap { ends[$0] })).sorted()
        ends.append(add(step, named: prefix + step.id, after: before))
      }
      let needed = Set(steps.flatMap(\.needs))
      let last = ends.indices.filter { !needed.contains($0) }.flatMap { ends[$0] }
      return last.isEmpty ? entry : last
    }

    private mutating func add(_ step: PlannedStep, named name: String, after before: [Int]) -> [Int] {
      var node = Node(step)
      node.name = name
      let place = nodes.count
      nodes.append(node)
      needs.append(before)
      switch step.action {
      case .forEach(let each): return add(each.template, named: name + "[…]", after: [place])
      case .group(let group): return add(group.steps, inside: name + "/", after: [place])
      case .call(let call):
        let main = add(call.steps, inside: name + "/", after: [place])
        return add(call.finally, inside: name + "/", after: main)
      default: return [place]
      }
    }

    /// The nodes that need none.
    var roots: [Int] { needs.indices.filter { needs[$0].isEmpty } }
    /// The nodes that none needs.
    var sinks: [Int] {
      let needed = Set(needs.joined())
      return nodes.indices.filter { !needed.contains($0) }
    }
  }

  var name: String
  var heading: String
  var digest: String
  /// What must hold before the first step.
  var preconditions: [String]
  var steps: Part
  var finally: Part

  /// The graph of a plan.
  package init(_ plan: RunPlan) {
    name = "\(plan.name) \(plan.version)" + (plan.environment.map { " in \($0)" } ?? "")
    heading = GraphText.line(plan.title)
    digest = plan.digest
    preconditions = plan.preconditions.map { Self.describe($0.check) }
    steps = Part(plan.steps)
    finally = Part(plan.finally)
  }

  static func describe(_ check: Check) -> String {
    GraphText.line(check.title ?? PlanText.describe(check.probe))
  }
}

extension PlanGraph.Node {
  init(_ step: PlannedStep) {
    name = step.id
    title = step.title.map(GraphText.line)
    action = GraphText.line(PlanText.describe(step.action))
    effect = step.effect
    notes = []
    func add(_ kind: PlanGraph.Note.Kind, _ text: String) {
      notes.append(PlanGraph.Note(kind: kind, text: GraphText.line(text)))
    }
    if let when = step.when { add(.condition, "if \(when.source)") }
    for precondition in step.preconditions {
      let otherwise = precondition.otherwise == .stop ? "" : ", otherwise \(precondition.otherwise.rawValue)"
      add(.gate, PlanGraph.describe(precondition.check) + otherwise)
    }
    if let approval = step.approval { add(.gate, "approval: \(RunWords.demands(approval))") }
    if let confirm = step.confirm { add(.gate, "confirm: \(PlanText.show(confirm.message))") }
    if case .manual = step.action { add(.gate, "waits for a person") }
    for check in step.verify { add(.check, PlanGraph.describe(check)) }
    switch step.rollback {
    case .nothing:
      if step.effect == .irreversible { add(.noWayBack, "point of no return") }
    case .actions(let actions):
      for action in actions { add(.wayBack, PlanText.describe(action.action)) }
    case .none(let because, _): add(.noWayBack, "not undone: \(because)")
    }
  }
}
