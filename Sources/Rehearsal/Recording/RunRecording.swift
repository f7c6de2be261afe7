import Expressions
import Journal
import RunEngine
import RunbookParser

/// A scenario that says what the world and people said in a real run.
package struct RunRecording {
  /// The scenario.
  package private(set) var scenario: RehearsalScenario
  /// What happened in the run and no scenario can say.
  package private(set) var omissions: [String] = []

  private let state: RunState
  private var answers: [String: [Asked]] = [:]
  /// The addresses in the order in which they were first asked.
  package private(set) var addresses: [String] = []
  private var openQuestions: [EffectID: Int64] = [:]
  /// When each step's last action began: some questions begin with it.
  private var lastIntents: [StepIndex: Int64] = [:]
  private var inFlight: [EffectID] = []
  /// Whether the engine was told to end, and ends what is in flight.
  private var isEnding = false
  private var timedOut: Set<EffectID> = []

  /// An answer, and when the question began.
  private struct Asked {
    var answer: RehearsalScenario.Answer
    var begunAt: Int64
    var isCheck: Bool
  }

  /// Reads a run's events.
  ///
  /// - Parameter state: What they led to.
  package init(_ events: [(time: Int64, event: RunEvent)], of state: RunState) {
    self.state = state
    scenario = RehearsalScenario(
      runbook: state.plan.name, name: "as run \(state.run.id) was on \(Self.day(state.startedAt))")
    scenario.clock = state.startedAt
    var order = StartOrder()
    for (place, (time, event)) in events.enumerated() {
      order.note(event, state)
      take(event, at: time, later: events[(place + 1)...])
    }
    for (address, asked) in answers { scenario.answers[address] = Self.merged(asked) }
    guard state.isTerminal || state.pause?.reason == .personNeeded else {
      // A scenario's engines go on until the run is over, or a person is missing.
      omissions.append("it was not over, and no engine went on with it")
      return
    }
    let result = RehearsalResult(state)
    scenario.expectation.outcome = result.outcome
    scenario.expectation.order = order.starts.filter(\.changes).map(\.name)
    scenario.expectation.residue = result.residue
  }

  private static func day(_ time: Int64) -> String {
    String(Value.timestamp(Timestamp(milliseconds: time)).rendered.prefix(10))
  }

  // MARK: Events

  private mutating func take(
    _ event: RunEvent, at time: Int64, later: ArraySlice<(time: Int64, event: RunEvent)>
  ) {
    switch event {
    case .engineStarted(let start):
      if start.purpose == .rollback { omissions.append("the operator had it rolled back") }
      for id in inFlight { noteDeath(of: id, later) }
      inFlight = []
      isEnding = false
    case .paused: if !isEnding { inFlight = [] }
    case .intended(let id, _, _):
      inFlight.append(id)
      if let step = id.step { lastIntents[step] = time }
    case .stepEnded(let step, _, _, _): inFlight.removeAll { $0.step == step && $0.slot == .action }
    case .undoEnded(let step, _, _): inFlight.removeAll { $0.step == step && $0.slot != .action }
    case .timerFired(let timer) where timer.purpose == .timeout: timedOut.insert(timer.owner)
    case .actionEnded(let id, let end):
      // What the engine ended itself is in doubt, as where it dies.
      if isEnding, inFlight.contains(id) { return }
      inFlight.removeAll { $0 == id }
      note(id, end, at: time)
    case .actionRefused(let id, let reason):
      inFlight.removeAll { $0 == id }
      var answer = RehearsalScenario.Answer()
      answer.ending = .error(reason)
      add(answer, id, begunAt: time)
    case .asked(let id, _): openQuestions[id] = time
    case .answered(let id, let answer, let by, let evidence):
      if evidence == .observed { note(id, answer, by, at: time) }
    case .unanswerable(let id):
      let address = EffectAddress.of(id, state)
      if scenario.people[address] == nil { scenario.people[address] = [] }
    case .operatorInterrupted: omissions.append("the operator interrupted it")
    case .terminated: isEnding = true
    case .detached: omissions.append("the terminal was lost")
    case .pauseRequested: omissions.append("the operator paused it")
    case .abandoned: omissions.append("the operator gave it up")
    default: break
    }
  }

  /// An engine died while an action was going on.
  private mutating func noteDeath(of id: EffectID, _ later: ArraySlice<(time: Int64, event: RunEvent)>) {
    var isUndo = false
    if case .undo = id.slot { isUndo = true }
    guard isUndo || id.slot == .action, id.step.map({ state.step($0).ready }) == .some(nil) else { return }
    let again = later.contains { _, event in
      if case .intended(let other, _, _) = event { other.step == id.step && other.slot == id.slot } else { false }
    }
    // What the engine does itself begins anew with the next one.
    let isInner: Bool =
      switch id.step.map({ state.step($0).action }) {
      case .program?, .http?, .prometheus?, .notify?: false
      default: !isUndo
      }
    scenario.faults.append(
      RehearsalScenario.Fault(again || isInner ? .crashBefore : .crashAfter, at: RunEventCodec.address(id, state)))
  }

  private mutating func note(_ id: EffectID, _ end: ActionEnd, at time: Int64) {
    if case .tunnel = id.slot { return }
    guard end.evidence == .observed else { return }
    var answer = RehearsalScenario.Answer()
    answer.takes = end.duration
    switch end.ending {
    case .exited(let status, let stdout, let stderr):
      answer.ending = .exit(status)
      take(stdout, stderr, &answer)
    case .signalled(_, let stdout, let stderr) where timedOut.contains(id):
      // It would have gone on.
      answer.takes = end.duration + 3_600_000
      take(stdout, stderr, &answer)
    case .signalled(let signal, let stdout, let stderr):
      if let step = id.step, state.step(step).ready != nil, id.slot == .action { return }
      answer.ending = .signal(signal)
      take(stdout, stderr, &answer)
    case .answered(let reply):
      answer.ending = .status(reply.status)
      take(reply.body, nil, &answer)
      answer.headers = reply.headers.map { RehearsalScenario.Answer.Header(name: $0.name, value: $0.value) }
    case .unanswered(let reason): answer.ending = .error(reason)
    case .cancelled, .assumed, .refuted: return
    }
    add(answer, id, begunAt: time - end.duration)
  }

  private mutating func take(
    _ output: CapturedOutput, _ errors: CapturedOutput?, _ answer: inout RehearsalScenario.Answer
  ) {
    if output.truncated || !output.isKept {
      omissions.append("an output of \(output.bytes) bytes")
    } else if !output.text.isEmpty {
      answer.text = output.text
    }
    if let errors, !errors.truncated, errors.isKept { answer.errors = errors.text }
  }

  private mutating func add(_ answer: RehearsalScenario.Answer, _ id: EffectID, begunAt: Int64) {
    let address = EffectAddress.of(id, state)
    var isCheck = true
    switch id.slot {
    case .action, .undo, .notice: isCheck = false
    default: break
    }
    if answers[address] == nil { addresses.append(address) }
    answers[address, default: []].append(Asked(answer: answer, begunAt: begunAt, isCheck: isCheck))
  }

  private mutating func note(_ id: EffectID, _ answer: Answer, _ by: String, at time: Int64) {
    var address = EffectAddress.of(id, state)
    if id.slot == .doubt, let step = id.step { address = RunEventCodec.address(step, state) }
    let asked = openQuestions[id] ?? id.step.flatMap { lastIntents[$0] } ?? time
    let words: RehearsalScenario.Saying.Words
    var reason = ""
    var said = time
    switch answer {
    case .yes(let fields): words = fields.isEmpty ? .confirm(true) : .fields(fields)
    case .no(let why):
      words = .confirm(false)
      reason = why
    case .notApplicable: words = .tick(nil)
    case .choice(let choice): words = .choose(choice)
    case .vote(let vote):
      words = .vote(vote.person, approves: vote.approves)
      reason = vote.reason
      said = vote.time
    }
    var saying = RehearsalScenario.Saying(words, reason: reason, after: max(0, said - asked))
    if case .vote = answer {} else { saying.by = by }
    scenario.people[address, default: []].append(saying)
  }

  // MARK: Lists

  /// Answers in fewer: those of a check that stayed the same are one until another one came.
  private static func merged(_ asked: [Asked]) -> [RehearsalScenario.Answer] {
    func isSame(_ a: RehearsalScenario.Answer, _ b: RehearsalScenario.Answer) -> Bool {
      var other = b
      other.takes = a.takes
      return a == other
    }
    var merged: [RehearsalScenario.Answer] = []
    var place = 0
    while place < asked.count {
      var next = place + 1
      while next < asked.count, isSame(asked[place].answer, asked[next].answer) { next += 1 }
      let isLast = next == asked.count
      if isLast || !asked[place].isCheck {
        merged += isLast ? [asked[place].answer] : asked[place..<next].map(\.answer)
      } else {
        var answer = asked[place].answer
        if next - place > 1 { answer.until = max(1, asked[next].begunAt - asked[0].begunAt) }
        merged.append(answer)
      }
      place = next
    }
    return merged
  }
}
