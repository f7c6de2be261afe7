import Expressions
import RunbookParser

/// A list of steps that runs: the plan's own, or one that stands inside a step.
package struct Frame: Hashable, Sendable {
  /// What kind of list it is.
  package enum Kind: Hashable, Sendable {
    /// The plan's steps, or those of a called runbook.
    case main
    /// The steps of `finally`, of the plan or of a called runbook.
    case finally
    /// One item of a `for-each`.
    case item(Int, Value)
    /// The steps of a group.
    case group
  }

  /// What kind of list it is.
  package let kind: Kind
  /// The step that holds it; nil for the plan's own lists.
  package let owner: StepIndex?
  /// The steps as planned.
  let planned: [PlannedStep]
  /// The place of the first among all steps.
  let first: Int
  /// The frame whose names are seen from here, besides its own; nil where none are.
  let outer: Int?
  /// Whether the way back passes its steps over: those of `finally`, and what stands inside them.
  let isFinal: Bool
  /// Whether it belongs to the plan's own `finally`.
  let isAtEnd: Bool
  /// The values of a called runbook's inputs; nil where the plan's are meant.
  var inputs: [NamedValue]?
  /// The values of a called runbook's constants.
  var values: [NamedValue] = []
  /// Whether it is a called runbook's `finally`, and has had its turn.
  var hasBegun = false
  /// Whether a choice ended it before its last step.
  var endedByChoice = false
  /// The background steps of it, with the steps of it that need them, directly or through others.
  let backgroundPrograms: [BackgroundProgram]
  private let placesByName: [String: Int]
  /// Which steps need which.
  let dependents: Dependents

  init(
    _ kind: Kind, owner: StepIndex?, planned: [PlannedStep], first: Int, outer: Int?, isFinal: Bool, isAtEnd: Bool
  ) {
    self.kind = kind
    self.owner = owner
    self.planned = planned
    self.first = first
    self.outer = outer
    self.isFinal = isFinal
    self.isAtEnd = isAtEnd
    var places = [String: Int](minimumCapacity: planned.count)
    for place in planned.indices { places[ExpressionSpelling.of(planned[place].id)] = place }
    self.placesByName = places
    self.dependents = Dependents(among: planned)
    self.backgroundPrograms = planned.indices.filter { planned[$0].ready != nil }.map {
      BackgroundProgram($0, among: planned)
    }
  }

  /// The places of its steps among all steps.
  package var range: Range<Int> { first..<first + planned.count }

  /// The step with this name, as expressions write it.
  func step(named name: String) -> StepIndex? {
    if case .item = kind { return nil }
    return placesByName[name].map { StepIndex(first + $0) }
  }

  /// The steps of it that a step needs.
  func needs(of step: StepIndex) -> [StepIndex] {
    planned[Int(step.value) - first].needs.map { StepIndex(first + $0) }
  }
}

/// For each step of a list, the places of those that need it, in order.
struct Dependents: Hashable, Sendable {
  /// Those of all steps, one step's after another's.
  private let places: [Int32]
  /// Where those of each step end.
  private let ends: [Int32]

  init(among planned: [PlannedStep]) {
    // First how many each has, then where they begin: that moves on as they are put there.
    var ends = [Int32](repeating: 0, count: planned.count)
    for place in planned.indices { for need in planned[place].needs { ends[need] += 1 } }
    var count: Int32 = 0
    for place in ends.indices { (ends[place], count) = (count, count + ends[place]) }
    var places = [Int32](repeating: 0, count: Int(count))
    for place in planned.indices {
      for need in planned[place].needs {
        places[Int(ends[need])] = Int32(place)
        ends[need] += 1
      }
    }
    self.places = places
    self.ends = ends
  }

  /// The places of those that need a step.
  subscript(place: Int) -> ArraySlice<Int32> {
    places[(place == 0 ? 0 : Int(ends[place - 1]))..<Int(ends[place])]
  }
}

/// A background step of a list.
struct BackgroundProgram: Hashable, Sendable {
  /// The place of the step in its list.
  let place: Int
  /// The places of the steps that need it, directly or through others, from the last to the first.
  let dependents: [Int]
  private let set: Set<Int>

  init(_ place: Int, among planned: [PlannedStep]) {
    var set: Set<Int> = []
    var dependents: [Int] = []
    // Every step comes after those that it needs.
    for (other, step) in planned.enumerated().dropFirst(place + 1)
    where step.needs.contains(where: { $0 == place || set.contains($0) }) {
      set.insert(other)
      dependents.append(other)
    }
    self.place = place
    self.dependents = dependents.reversed()
    self.set = set
  }

  /// Whether a step needs it.
  func isNeeded(by place: Int) -> Bool { set.contains(place) }
}

/// Where the steps inside a step are.
package enum BlockProgress: Hashable, Sendable {
  /// It is recorded what stands inside.
  case announced
  /// Items of a `for-each`: the next to begin, how many go on, and how many have ended.
  case items(next: Int, open: Int)
  /// Steps of a group, so many of which have not ended.
  case group(left: Int)
  /// A called runbook's tools and preconditions are polled.
  indirect case preconditions(Int, CheckRun)
  /// Steps of a called runbook, so many of which have not ended.
  case main(left: Int)
  /// Steps of its `finally`, so many of which have not ended.
  case finally(left: Int)
}

/// What a step turned out to hold.
package enum Expansion: Hashable, Sendable {
  /// These items of a `for-each`.
  case items([Value])
  /// The steps of a group.
  case group
  /// A called runbook with these inputs.
  case call([NamedValue])
}

extension RunState {
  /// What the plan says of a step, to be looked at in its place: as a whole it is large.
  subscript(step: StepIndex) -> PlannedStep {
    _read {
      let frame = Int(steps[Int(step.value)].frame)
      yield frames[frame].planned[Int(step.value) - frames[frame].first]
    }
  }

  /// All that the plan says of a step.
  package func step(_ step: StepIndex) -> PlannedStep { self[step] }

  /// What a step does to the world.
  package func effect(of step: StepIndex) -> Effect { self[step].effect }

  /// The bound on one attempt of a step's action, in milliseconds.
  package func timeout(of step: StepIndex) -> Int64? { self[step].timeout }

  /// Whether people must approve of a step.
  package func needsApproval(_ step: StepIndex) -> Bool { self[step].approval != nil }

  /// Whether a step gives anything to others.
  package func givesOutputs(_ step: StepIndex) -> Bool { !self[step].outputs.isEmpty }

  /// Whether a step's program is kept running for those that need it.
  package func isBackground(_ step: StepIndex) -> Bool { index.hasBackground && self[step].ready != nil }

  /// The frame that a step stands in.
  func frame(of step: StepIndex) -> Frame { frames[Int(steps[Int(step.value)].frame)] }

  /// Whether a step stands in `finally`, or inside one that does.
  package func isFinal(_ step: StepIndex) -> Bool { frames[Int(steps[Int(step.value)].frame)].isFinal }

  /// The step that a step stands inside; nil for the plan's own.
  package func owner(of step: StepIndex) -> StepIndex? { frames[Int(steps[Int(step.value)].frame)].owner }

  /// The steps that stand inside a step, in order; none before it is reached.
  package func inner(of step: StepIndex) -> [StepIndex] {
    guard let held = steps[Int(step.value)].frames else { return [] }
    return held.flatMap { frames[$0].range.map { StepIndex($0) } }
  }

  /// Every step, each followed by those inside it.
  package var stepsInOrder: [StepIndex] {
    var ordered: [StepIndex] = []
    ordered.reserveCapacity(steps.count)
    var open = (frames[0].range.map { StepIndex($0) } + frames[1].range.map { StepIndex($0) }).reversed() as [StepIndex]
    while let step = open.popLast() {
      ordered.append(step)
      if steps[Int(step.value)].frames != nil { open += inner(of: step).reversed() }
    }
    return ordered
  }

  /// A step's name with the steps around it, such as `shift[1]` or `call/inner`.
  package func path(of step: StepIndex) -> String {
    if owner(of: step) == nil { return self[step].id }
    var parts: [String] = []
    var next: StepIndex? = step
    while let step = next {
      let frame = frame(of: step)
      next = frame.owner
      if case .item(let number, _) = frame.kind {
        parts.append("[\(number)]")
      } else {
        parts.append(self[step].id)
        if next != nil { parts.append("/") }
      }
    }
    return parts.reversed().joined()
  }

  /// The frame of the runbook, called or not, that a step belongs to.
  func runbookFrame(of step: StepIndex) -> Int {
    var place = Int(steps[Int(step.value)].frame)
    while true {
      switch frames[place].kind {
      case .main: return place
      case .finally: return place
      case .item, .group:
        guard let owner = frames[place].owner else { return place }
        place = Int(steps[Int(owner.value)].frame)
      }
    }
  }

  /// The steps that come before a step: those it needs, and those that what it stands inside needs; where one of them
  /// holds others, these too.
  func needs(of step: StepIndex) -> [StepIndex] {
    var needs: [StepIndex] = []
    var next: StepIndex? = step
    while let step = next {
      let frame = frame(of: step)
      for need in frame.needs(of: step) {
        needs.append(need)
        if steps[Int(need.value)].frames != nil { needs += allInner(of: need) }
      }
      next = frame.owner
    }
    return needs
  }

  /// All that comes before a step, directly or through others.
  package func allNeeds(of step: StepIndex) -> Set<StepIndex> {
    var found: Set<StepIndex> = []
    var open = needs(of: step)
    while let need = open.popLast() { if found.insert(need).inserted { open += needs(of: need) } }
    return found
  }

  private func allInner(of step: StepIndex) -> [StepIndex] {
    var found: [StepIndex] = []
    var open = inner(of: step)
    while let step = open.popLast() {
      found.append(step)
      open += inner(of: step)
    }
    return found
  }

  /// What others see of a step; one that holds others is undone where something inside it is.
  package func status(of step: StepIndex) -> StepStatus {
    let own = steps[Int(step.value)].status
    guard rolledBack, own == .succeeded || own == .failed, steps[Int(step.value)].frames != nil else { return own }
    return allInner(of: step).contains { steps[Int($0.value)].status == .rolledBack } ? .rolledBack : own
  }
}

extension PlannedStep {
  /// The checks that the slot `precondition` numbers: the step's own, then those of the runbook that it calls.
  package var preconditionChecks: [Check] {
    var checks = preconditions.map(\.check)
    if case .call(let call) = action { checks += call.preconditions.map(\.check) }
    return checks
  }
}
