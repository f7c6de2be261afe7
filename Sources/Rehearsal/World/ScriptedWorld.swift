import Expressions
import Journal
import RunEngine
import RunbookParser

/// How long things take of which a scenario does not say it, in milliseconds.
package enum UsualTime {
  /// An action.
  package static let action: Int64 = 1_000
  /// One question of a check.
  package static let check: Int64 = 100
  /// A person, and the next engine after one that died.
  package static let person: Int64 = 30_000
}

/// The world as a scenario tells it: what actions and checks come to, and which changes are in place.
struct ScriptedWorld: Sendable {
  /// How an attempt goes.
  struct Course: Sendable {
    /// What the engine hears in the end.
    var end: RunEvent
    /// How long it takes, in milliseconds; nil for until it is told to end.
    var takes: Int64?
    /// Whether something is changed, or undone, by it.
    var changes = false
    /// Whether it takes effect; nil where it does if it succeeds.
    var applied: Bool?
    /// Whether the scenario says nothing of it.
    var isUsual = false
  }

  /// Something that cannot be rehearsed: what it comes to is needed, and nobody says it.
  struct Unanswered: Error {
    var message: String
  }

  /// An action of a way back.
  struct EffectPlace: Hashable, Sendable {
    var step: StepIndex
    var undo: Int
  }

  /// How far the answers of an address were used.
  struct Progress: Sendable {
    var place = 0
    var firstAsked: Int64
  }

  /// What is said of it.
  var scenario: RehearsalScenario { didSet { speaks = Self.speaks(scenario) } }
  private let readSteps: Set<String>
  /// Whether the scenario speaks of any effect: addresses are worked out only then.
  private var speaks: Bool
  private(set) var progress: [String: Progress] = [:]
  private var texts: [String: String] = [:]
  /// Whether each step's change is in place; what is not said was never made.
  private(set) var applied: [StepIndex: Bool] = [:]
  /// The steps whose changes were in place at some time.
  private(set) var everApplied: Set<StepIndex> = []
  /// The actions of ways back that took effect.
  private(set) var undone: Set<EffectPlace> = []
  /// The steps of whose ways back some action began.
  private(set) var undoBegun: Set<StepIndex> = []
  /// The faults that have happened.
  private(set) var happened: Set<RehearsalScenario.Fault> = []

  init(_ planned: PlannedRehearsal) {
    scenario = planned.rehearsal
    readSteps = planned.readSteps
    speaks = Self.speaks(scenario)
  }

  private static func speaks(_ scenario: RehearsalScenario) -> Bool {
    !scenario.answers.isEmpty || !scenario.faults.isEmpty
  }

  private func address(of id: EffectID, _ state: RunState) -> String {
    speaks ? EffectAddress.of(id, state) : ""
  }

  /// What an output that was written is found under.
  func text(of sha256: String) -> [UInt8]? { texts[sha256].map { Array($0.utf8) } }

  // MARK: Faults

  /// A fault of a kind at an address that has not happened yet.
  func fault(
    _ kind: RehearsalScenario.Fault.Kind, at address: @autoclosure () -> String
  ) -> RehearsalScenario.Fault? {
    scenario.faults.first { fault in
      fault.kind == kind && !happened.contains(fault) && Self.names(fault.address, address())
    }
  }

  /// Notes that a fault happened.
  mutating func note(_ fault: RehearsalScenario.Fault) { happened.insert(fault) }

  /// The faults of a kind that concern an address, each as often as it comes to it.
  private mutating func suffers(_ kind: RehearsalScenario.Fault.Kind, at address: String, part: String? = nil) -> Bool {
    for fault in scenario.faults where fault.kind == kind {
      let isPart = part.map { Self.names(fault.address + $0, address, asPrefix: true) } ?? false
      guard isPart || Self.names(fault.address, address) else { continue }
      happened.insert(fault)
      return true
    }
    return false
  }

  /// Whether an address that a file says names the address of an effect: without numbers it names every repetition.
  static func names(_ said: String, _ address: String, asPrefix: Bool = false) -> Bool {
    func matches(_ address: String) -> Bool { asPrefix ? address.hasPrefix(said) : said == address }
    return matches(address) || matches(PlanAddresses.withoutNumbers(address))
  }

  // MARK: What an attempt comes to

  /// How an action, or an action of a way back, goes.
  mutating func course(of request: StartRequest, at now: Int64, _ state: RunState) throws(Unanswered) -> Course {
    let id = request.id
    let address = address(of: id, state)
    let step = id.step
    var isUndo = false
    if case .undo = id.slot { isUndo = true }
    let changes = step.map { state.effect(of: $0) != .observe } ?? false
    if suffers(.timeout, at: address) {
      return Course(end: ended(id, .cancelled, 0), takes: nil, changes: changes)
    }
    if suffers(.exit, at: address) || isUndo && suffers(.rollbackFails, at: address, part: ".rollback") {
      var answer = RehearsalScenario.Answer(failing: request.action)
      let usual = course(of: answer, id, request.action, 0)
      // Where that end would be good enough, another one is not.
      if case .actionEnded(_, let end) = usual.end, state.isSuccess(end, of: id) { answer.ending = .holds(false) }
      return course(of: answer, id, request.action, Self.usualTime(of: id, state), changes: changes)
    }
    if let step, !isUndo, state.isBackground(step), answers(address) == nil {
      return Course(end: ended(id, .cancelled, 0), takes: nil)
    }
    let answer = nextAnswer(address, at: now)
    if let step, !isUndo { try demandOutputs(of: step, answer, state) }
    var course = course(
      of: answer ?? .init(), id, request.action, Self.usualTime(of: id, state), changes: changes)
    course.isUsual = answer == nil
    return course
  }

  /// What a check's question comes to.
  mutating func course(of request: ProbeRequest, at now: Int64, _ state: RunState) throws(Unanswered) -> Course {
    let id = request.id
    let address = address(of: id, state)
    func fitted(_ answer: RehearsalScenario.Answer) -> RehearsalScenario.Answer {
      // It is said of the whole check.
      guard request.isNegated, answer.ending == .holds(true) || answer.ending == .holds(false) || answer.isSilent else {
        return answer
      }
      var fitted = answer
      fitted.ending = .holds(answer.ending == .holds(false))
      return fitted
    }
    // The step is what asks, where it is nothing but a check.
    if case .item = id.slot, let step = id.step, case .check = state.step(step).action {
      if suffers(.timeout, at: address) { return Course(end: ended(id, .cancelled, 0), takes: nil) }
      let answer = nextAnswer(address, at: now)
      let fails = suffers(.exit, at: address)
      if !fails { try demandOutputs(of: step, answer, state) }
      var course = course(
        of: fitted(fails ? .init(holds: false) : answer ?? .init()), id, request.action, Self.usualTime(of: id, state))
      course.isUsual = answer == nil && !fails
      return course
    }
    if suffers(.timeout, at: address) { return Course(end: ended(id, .cancelled, 0), takes: nil) }
    if suffers(.exit, at: address) || suffers(.verifyFails, at: address, part: ".verify.") {
      return course(
        of: fitted(.init(holds: false)), id, request.action, Self.usualTime(of: id, state))
    }
    if let answer = nextAnswer(address, at: now) {
      return course(of: fitted(answer), id, request.action, Self.usualTime(of: id, state))
    }
    let holds = isTrue(id, state)
    var course = course(
      of: fitted(.init(holds: holds)), id, request.action, Self.usualTime(of: id, state))
    course.isUsual = true
    return course
  }

  /// How long something takes of which nobody says it: less than it may.
  private static func usualTime(of id: EffectID, _ state: RunState) -> Int64 {
    let usual: Int64
    let bound: Int64?
    switch id.slot {
    case .action, .notice:
      usual = UsualTime.action
      bound = id.step.flatMap { state.timeout(of: $0) }
    case .undo(let place):
      usual = UsualTime.action
      guard let actions = id.step.map(state.undoActions), place < actions.count else { return usual }
      bound = actions[place].timeout
    default:
      usual = UsualTime.check
      bound = state.check(id)?.timeout
    }
    return bound.map { min(usual, $0 / 2) } ?? usual
  }

  /// Why a tunnel cannot be opened; nil where it can.
  mutating func refusal(ofTunnel id: EffectID, at now: Int64, _ state: RunState) -> String? {
    let address = address(of: id, state)
    if suffers(.exit, at: address) { return "no connection" }
    if case .error(let reason)? = nextAnswer(address, at: now)?.ending { return reason }
    return nil
  }

  /// What is true where a scenario does not say what a check comes to.
  private func isTrue(_ id: EffectID, _ state: RunState) -> Bool {
    guard let step = id.step, state.effect(of: step) != .observe, !state.isBackground(step) else { return true }
    return switch id.slot {
    case .applied, .doubt, .verify: applied[step] ?? false
    case .undoVerify(let place, _): undone.contains(EffectPlace(step: step, undo: place))
    default: true
    }
  }

  private func answers(_ address: String) -> [RehearsalScenario.Answer]? {
    if scenario.answers.isEmpty { return nil }
    return scenario.answers[address] ?? scenario.answers[PlanAddresses.withoutNumbers(address)]
  }

  /// The answer that is next; nil where there is none.
  private mutating func nextAnswer(_ address: String, at now: Int64) -> RehearsalScenario.Answer? {
    guard let answers = answers(address), !answers.isEmpty else { return nil }
    var progress = progress[address] ?? Progress(firstAsked: now)
    defer { self.progress[address] = progress }
    while progress.place + 1 < answers.count, let until = answers[progress.place].until,
      now - progress.firstAsked >= until
    {
      progress.place += 1
    }
    let answer = answers[progress.place]
    if answer.until == nil, progress.place + 1 < answers.count { progress.place += 1 }
    return answer
  }

  private func demandOutputs(
    of step: StepIndex, _ answer: RehearsalScenario.Answer?, _ state: RunState
  ) throws(Unanswered) {
    guard !readSteps.isEmpty, state.givesOutputs(step), readSteps.contains(name(of: step, state)) else { return }
    let planned = state.step(step)
    if let answer {
      guard answer.ending == .success && !answer.saysResult || answer.ending == .holds(true) else { return }
      let given = Set(answer.outputs.map(\.name))
      if planned.outputs.allSatisfy({ given.contains($0.name) }) { return }
    }
    let names = planned.outputs.map(\.name).joined(separator: ", ")
    throw Unanswered(
      message:
        "\(RunEventCodec.address(step, state)) is not answered, and what it gives (\(names)) is read: say it under `answers`, with "
        + "`stdout`, `json` or `outputs`")
  }

  /// The name that `readSteps` has for a step: its id behind those of the calls that it stands in; a repetition has that of
  /// the step around it.
  private func name(of step: StepIndex, _ state: RunState) -> String {
    var next = state.owner(of: step)
    if next == nil { return state.path(of: step) }
    let path = PlanAddresses.withoutNumbers(state.path(of: step))
    var parts = [path.split(separator: "/").last.map(String.init) ?? path]
    while let owner = next {
      if case .call = state.step(owner).action { parts.append(state.step(owner).id) }
      next = state.owner(of: owner)
    }
    return parts.reversed().joined(separator: "/")
  }

  private mutating func course(
    of answer: RehearsalScenario.Answer, _ id: EffectID, _ action: ResolvedAction, _ usual: Int64,
    changes: Bool = false
  ) -> Course {
    let takes = answer.takes ?? usual
    var isHTTP = false
    if case .http = action { isHTTP = true }
    let text = written(answer.text ?? "")
    let errors = written(answer.errors)
    let headers = answer.headers.map { HTTPAnswer.Header(name: $0.name, value: $0.value) }
    let ending: ActionEnd.Ending
    switch answer.ending {
    case .success where !answer.saysResult: ending = .assumed
    case .success where isHTTP: ending = .answered(HTTPAnswer(status: 200, headers: headers, body: text))
    case .success: ending = .exited(status: 0, stdout: text, stderr: errors)
    case .holds(let holds): ending = holds ? .assumed : .refuted
    case .exit(let status): ending = .exited(status: status, stdout: text, stderr: errors)
    case .signal(let signal): ending = .signalled(signal: signal, stdout: text, stderr: errors)
    case .status(let status): ending = .answered(HTTPAnswer(status: status, headers: headers, body: text))
    case .error(let reason) where isHTTP: ending = .unanswered(reason)
    case .error(let reason):
      return Course(end: .actionRefused(id, reason), takes: takes, changes: changes, applied: answer.applied)
    }
    return Course(
      end: ended(id, ending, takes, given: answer.outputs), takes: takes, changes: changes, applied: answer.applied)
  }

  private func ended(
    _ id: EffectID, _ ending: ActionEnd.Ending, _ duration: Int64, given: [NamedValue] = []
  ) -> RunEvent {
    .actionEnded(id, ActionEnd(ending, duration: duration, evidence: .scripted, given: given))
  }

  private mutating func written(_ text: String) -> CapturedOutput {
    guard !text.isEmpty else { return CapturedOutput() }
    let key = "scripted:\(text)"
    texts[key] = text
    return CapturedOutput(text: text, bytes: Int64(text.utf8.count), sha256: key)
  }

  // MARK: What is in place

  /// An action came to its end, or was ended: its change is in place, or is not any more.
  mutating func settle(_ id: EffectID, _ course: Course, isOver: Bool, _ state: RunState) {
    guard let step = id.step, course.changes else { return }
    var tookEffect = course.applied ?? false
    if isOver, course.applied == nil, case .actionEnded(_, let end) = course.end {
      tookEffect = state.isSuccess(end, of: id)
    }
    switch id.slot {
    case .action: if tookEffect || isOver && applied[step] != true { setApplied(step, tookEffect) }
    case .undo(let place):
      guard tookEffect else { return }
      undone.insert(EffectPlace(step: step, undo: place))
      guard place == state.undoActions(step).count - 1 else { return }
      applied[step] = false
    default: break
    }
  }

  /// A person did, or undid, what a step does.
  mutating func personDid(_ id: EffectID) {
    guard let step = id.step else { return }
    switch id.slot {
    case .action: setApplied(step, true)
    case .undo(let place): undone.insert(EffectPlace(step: step, undo: place))
    default: break
    }
  }

  /// Something is going to be begun.
  mutating func wasIntended(_ id: EffectID) {
    if case .undo = id.slot, let step = id.step { undoBegun.insert(step) }
  }

  /// A step is undone, by however many of its actions it took; by none of them nothing was undone.
  mutating func wasUndone(_ step: StepIndex) { if undoBegun.contains(step) { applied[step] = false } }

  /// Whether a step's change is in place.
  func isInPlace(_ step: StepIndex) -> Bool { applied[step] ?? false }

  private mutating func setApplied(_ step: StepIndex, _ isApplied: Bool) {
    applied[step] = isApplied
    if isApplied { everApplied.insert(step) }
  }
}

extension RehearsalScenario.Answer {
  init(holds: Bool) {
    self.init()
    ending = .holds(holds)
  }

  /// Whether it says anything of what a result holds.
  var saysResult: Bool { text != nil || !errors.isEmpty || !headers.isEmpty }

  /// Whether it says no more than that it goes well.
  var isSilent: Bool { ending == .success && !saysResult && outputs.isEmpty }

  /// What an action of a kind comes to that goes wrong.
  init(failing action: ResolvedAction) {
    self.init()
    if case .http = action { ending = .status(500) } else { ending = .exit(1) }
  }
}
