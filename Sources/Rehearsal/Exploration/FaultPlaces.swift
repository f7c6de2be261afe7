import RunbookParser

/// What can go wrong in a plan, and where: the denominator of fault coverage.
package struct FaultPlaces: Sendable {
  /// What can go wrong at an address.
  struct Place: Sendable {
    /// When it is performed.
    var performed: [ExploredFault.Kind] = []
    /// When people are asked by the action, or by a check.
    var asked: [ExploredFault.Kind] = []
    /// When people are asked to approve.
    var gate: [ExploredFault.Kind] = []
    /// When people are asked to confirm.
    var confirmation: [ExploredFault.Kind] = []
    /// Whether the engine can die between its intent and its start.
    var hasIntent = false
    /// Whether the engine can die between its end and the record of it.
    var hasEnd = false
    /// Whether a server does it.
    var asksServer = false
    /// The bound on it, in milliseconds.
    var timeout: Int64?
    /// Who says yes to the gate where nobody says otherwise.
    var approvals: [RehearsalScenario.Saying] = []
    /// Whether an item is ticked.
    var isTicked = false

    /// All that can go wrong there.
    var kinds: [ExploredFault.Kind] {
      var kinds = confirmation + gate + performed + asked
      if hasIntent { kinds.append(.crashBefore) }
      if hasEnd { kinds.append(.crashAfter) }
      return kinds
    }
  }

  private var places: [String: Place] = [:]
  /// All faults at addresses without the numbers of repetitions, in the order of the plan.
  package private(set) var all: [ExploredFault] = []
  /// The addresses of the actions of ways back, in the order of the plan: the denominator of rollback coverage.
  package private(set) var waysBack: [String] = []

  /// What can go wrong in a plan.
  package init(_ plan: RunPlan) {
    let addresses = PlanAddresses(plan)
    for address in addresses.all {
      guard let target = addresses[address] else { continue }
      let place = Self.place(of: target, address, plan)
      if case .undo = target, !address.hasPrefix("finally.") { waysBack.append(address) }
      guard !place.kinds.isEmpty else { continue }
      places[address] = place
      all += place.kinds.map { ExploredFault($0, at: address) }
    }
  }

  /// What can go wrong at an address.
  subscript(address: String) -> Place? { places[address] ?? places[PlanAddresses.withoutNumbers(address)] }

  private static func place(of target: PlanAddresses.Target, _ address: String, _ plan: RunPlan) -> Place {
    var place = Place()
    switch target {
    case .tool, .tunnel: place.performed = [.fails]
    case .notice, .run: break
    case .tick:
      place.asked = [.refused, .nobody]
      place.isTicked = true
    case .check(let check): place = self.place(of: check, address)
    case .undo(let undo):
      place = self.place(of: undo.action, changes: true, timeout: undo.timeout)
    case .step(let step):
      place = self.place(of: step.action, changes: step.effect != .observe, timeout: step.timeout)
      if step.ready != nil {
        place.performed = [.fails]
        place.hasEnd = false
      }
      if step.confirm != nil {
        // Whose yes a gate has cannot be said to stay away from another question.
        place.confirmation = [.notConfirmed] + (step.approval == nil ? [.neverConfirmed] : [])
      }
      if let approval = step.approval {
        place.approvals = ScriptedPeople.usual(approval, plan.policy)
        place.gate = (place.approvals.isEmpty ? [] : [.denied]) + [.neverApproved]
        if case .manual(let manual) = step.action, manual.fields.isEmpty, step.confirm == nil {
          place.asked.removeAll { $0 == .nobody }
        }
      }
    }
    return place
  }

  private static func place(of action: Action, changes: Bool, timeout: Int64?) -> Place {
    var place = Place()
    place.timeout = timeout
    place.hasIntent = true
    switch action {
    case .program, .http, .prometheus:
      place.performed = [.fails]
      if changes { place.performed.append(.failsApplied) }
      place.performed.append(.timeout)
      if changes, timeout != nil { place.performed.append(.timeoutApplied) }
      place.performed.append(.killed)
      if changes { place.performed.append(.killedApplied) }
      place.hasEnd = true
      if case .program = action { place.asksServer = false } else { place.asksServer = true }
    case .check(let check):
      place.performed = self.place(of: check, "").performed
      place.asked = self.place(of: check, "").asked
    case .manual: place.asked = [.refused, .nobody]
    case .decide: place.asked = [.nobody]
    case .wait, .assert, .checklist: break
    // What stands inside says it; messages bear on nothing.
    case .notify, .forEach, .group, .call: place.hasIntent = false
    }
    return place
  }

  private static func place(of check: Check, _ address: String) -> Place {
    var place = Place()
    place.timeout = check.timeout
    let leaves = check.leaves
    if leaves.contains(where: { if case .manual = $0.probe { true } else { false } }) {
      place.asked = [.refused, .nobody]
    }
    // What is worked out from what is known asks nothing of the world.
    guard leaves.contains(where: \.asksWorld) else { return place }
    let parts = address.split(separator: ".")
    if parts.last == "applied" {
      // What it says is what is so; whether it answers is another matter.
      place.performed = [.timeout]
    } else if parts.last == "ready" {
      place.performed = [.fails]
    } else {
      place.performed = [parts.dropLast().last == "verify" ? .neverHolds : .fails, .timeout]
    }
    return place
  }
}

extension Check {
  /// The checks that it comes down to.
  fileprivate var leaves: [Check] {
    switch probe {
    case .any(let checks), .all(let checks): checks.flatMap(\.leaves)
    case .not(let other): other.leaves
    default: [self]
    }
  }

  /// Whether a program or a server answers it.
  fileprivate var asksWorld: Bool {
    switch probe {
    case .manual, .assert: false
    default: true
    }
  }
}
