import Expressions
import Journal
import RunEngine
import RunbookParser

/// A run in which faults are tried: what happens in it, what could go wrong next, and what is wrong with its runbook.
struct ExploredRun: Sendable {
  /// A state that a run came to soon after its last fault.
  struct Mark: Sendable {
    /// What all that can still happen depends on.
    var future: UInt64
    /// How many faults were offered before.
    var offered: Int
  }

  /// How many states after a first fault are held against those that other faults led to.
  private static let usualMarks = 12
  /// How many after a second one: there are many of these, and what follows is short.
  private static let lastMarks = 3

  /// The run.
  private(set) var run: RehearsedRun
  /// What is known of it.
  private(set) var state: RunState
  /// What was found.
  private(set) var watch = FindingWatch()
  /// What was made to go wrong, in order.
  private(set) var faults: [ExploredFault] = []
  /// The states that it came to after the last of them.
  private(set) var marks: [Mark] = []
  /// How many faults were offered after the last of them.
  private(set) var offered = 0
  /// How many states it came to, without those before the last fault.
  private(set) var states = 0

  private let places: FaultPlaces
  private let withTimes: Bool
  /// How many of its states are held against those of others.
  private var mostMarks: Int
  /// When faults cannot happen any more.
  private var ends: [FaultEnd] = []
  /// Where faults were offered: each is tried where its place is first come to.
  private var visited: Set<Visit> = []
  private var visitedMark: UInt64 = 0
  private var heard = 0
  /// The step that the present junction is about.
  private var step: StepIndex?

  /// When a fault cannot happen any more.
  private enum FaultEnd: Sendable {
    case atOnce
    case never
    /// Once the step's way forward has ended.
    case forward(StepIndex)
    /// Once the step is undone.
    case back(StepIndex)

    init(_ fault: ExploredFault, _ step: StepIndex?) {
      if fault.kind.isOver {
        self = .atOnce
      } else if let step, !fault.address.hasSuffix(".applied") {
        self = fault.address.contains(".rollback") ? .back(step) : .forward(step)
      } else {
        self = .never
      }
    }
  }

  private struct Visit: Hashable, Sendable {
    enum Part: Sendable { case performed, asked, gate, confirmation, intended, ended }

    var part: Part
    var address: String
  }

  /// - Parameters:
  ///   - faults: What the scenario is to say from the beginning.
  ///   - isWhole: Whether it is played for itself: engines that take it over read the records' bytes, and its states are
  ///     not held against others.
  init(
    _ planned: PlannedRehearsal, zones: [ZoneRecord], _ places: FaultPlaces, withTimes: Bool,
    faults: [ExploredFault] = [], isWhole: Bool = false
  ) {
    var planned = planned
    for fault in faults { fault.write(into: &planned.rehearsal, places) }
    run = RehearsedRun(planned, zones: zones)
    run.trustsMemory = !isWhole
    mostMarks = isWhole ? 0 : Self.usualMarks
    state = run.firstState
    self.faults = faults
    ends = faults.map { FaultEnd($0, nil) }
    self.places = places
    self.withTimes = withTimes
  }

  // MARK: From junction to junction

  /// Goes on to the next junction; the faults that could happen there, or nil at the end.
  mutating func advance() -> [ExploredFault]? {
    switch run.advance(&state) {
    case .recorded:
      let events = hear()
      if state.isTerminal || state.pause?.complete == true { return [] }
      let deaths = offer(deathsAfter: events)
      return run.isDead ? [] : deaths
    case .performing: return offer(ofEffect: run.nextEffect)
    case .over(let id): return offer(deathAt: id)
    case .end: return nil
    }
  }

  /// The run in which a fault happens that was just offered.
  func suffering(_ fault: ExploredFault) -> ExploredRun {
    var suffering = self
    suffering.faults.append(fault)
    suffering.ends.append(FaultEnd(fault, step))
    suffering.marks = []
    suffering.offered = 0
    suffering.states = 0
    suffering.run.amend { fault.write(into: &$0, places) }
    if fault.kind == .crashBefore || fault.kind == .crash, let death = fault.fault { suffering.run.die(of: death) }
    return suffering
  }

  /// Goes on to the end; where what could go wrong is counted, the states that it came to soon after its last fault.
  mutating func finish(counting: Bool) -> [Mark] {
    if counting {
      while advance() != nil {}
    } else {
      mostMarks = 0
      while hop() {}
    }
    conclude()
    return marks
  }

  /// Goes on to the end, or to a state that is known; whether it came to one.
  mutating func finish(knowing known: inout Set<UInt64>) -> Bool {
    mostMarks = Self.lastMarks
    var count = 0
    while hop() {
      guard marks.count > count else { continue }
      count = marks.count
      if !known.insert(marks[count - 1].future).inserted { return true }
    }
    conclude()
    return false
  }

  /// Goes on to the next junction, whatever could happen there; whether there is one.
  private mutating func hop() -> Bool {
    switch run.advance(&state) {
    case .recorded: _ = hear()
    case .performing, .over: break
    case .end: return false
    }
    return true
  }

  /// Looks at where it has come to, and rolls it back where that is left to do.
  mutating func conclude() {
    if watch.wantsRequest(state), run.result.problems.isEmpty {
      watch.isOnRequest = true
      run.goOn(with: .rollback)
      while hop() {}
    }
    watch.conclude(run, state)
  }

  private mutating func hear() -> Range<Int> {
    let events = heard..<run.result.events.count
    for place in events {
      let happened = run.result.events[place]
      watch.hear(happened.event, at: happened.time, state, run.world)
    }
    heard = events.upperBound
    states += 1
    if !faults.isEmpty, marks.count < mostMarks, !run.isDead { marks.append(mark()) }
    return events
  }

  private func mark() -> Mark {
    var hasher = Hasher()
    run.feedFuture(into: &hasher, state, withTimes: withTimes)
    watch.feedFuture(into: &hasher)
    hasher.combine(visitedMark)
    for (place, fault) in faults.enumerated() where !isOver(place) { hasher.combine(fault) }
    return Mark(future: UInt64(bitPattern: Int64(hasher.finalize())), offered: offered)
  }

  /// Whether a fault cannot happen any more.
  private func isOver(_ place: Int) -> Bool {
    switch ends[place] {
    case .atOnce: return true
    case .never: return false
    case .forward(let step): return state.steps[Int(step.value)].end != nil
    case .back(let step):
      switch state.steps[Int(step.value)].undo {
      case .ended(.undone), .ended(.spared): return true
      default: return false
      }
    }
  }

  // MARK: What could go wrong

  private mutating func visit(_ part: Visit.Part, _ address: String) -> Bool {
    let visit = Visit(part: part, address: address)
    guard visited.insert(visit).inserted else { return false }
    var hasher = Hasher()
    hasher.combine(visit)
    visitedMark ^= UInt64(bitPattern: Int64(hasher.finalize()))
    return true
  }

  private mutating func offer(
    _ kinds: [ExploredFault.Kind], _ part: Visit.Part, _ address: String, _ step: StepIndex?
  ) -> [ExploredFault] {
    guard !kinds.isEmpty, visit(part, address) else { return [] }
    self.step = step
    offered += kinds.count
    return kinds.map { ExploredFault($0, at: address) }
  }

  private mutating func offer(ofEffect effect: RunEffect?) -> [ExploredFault] {
    switch effect {
    case .start(let request): return offer(performing: request.id)
    case .probe(let request): return offer(performing: request.id)
    case .open(let id, _): return offer(performing: id)
    case .ask(let id, let question):
      // What nobody can know is no place of the plan's.
      if id.slot == .doubt || id.slot == .policy { return [] }
      let address = ScriptedPeople.address(of: id, state)
      let place = places[address]
      if case .approval = question.kind { return offer(place?.gate ?? [], .gate, address, id.step) }
      if id.slot == .confirmation { return offer(place?.confirmation ?? [], .confirmation, address, id.step) }
      return offer(place?.asked ?? [], .asked, address, id.step)
    default: return []
    }
  }

  private mutating func offer(performing id: EffectID) -> [ExploredFault] {
    let address = EffectAddress.of(id, state)
    return offer(places[address]?.performed ?? [], .performed, address, id.step)
  }

  private mutating func offer(deathAt id: EffectID) -> [ExploredFault] {
    switch id.slot {
    case .action, .undo: break
    default: return []
    }
    let address = RunEventCodec.address(id, state)
    return offer(places[address]?.hasEnd == true ? [.crashAfter] : [], .ended, address, id.step)
  }

  /// The engine's death after what was just recorded: before an intent's start where one is among it.
  private mutating func offer(deathsAfter events: Range<Int>) -> [ExploredFault] {
    var offered: [ExploredFault] = []
    for place in events {
      guard case .intended(let id, _, _) = run.result.events[place].event else { continue }
      let address = RunEventCodec.address(id, state)
      if places[address]?.hasIntent == true { offered += offer([.crashBefore], .intended, address, id.step) }
    }
    if !offered.isEmpty { return offered }
    step = nil
    self.offered += 1
    return [ExploredFault(.crash, at: RehearsalScenario.Fault.address(ofRecord: run.recordCount))]
  }
}
