import Expressions
import RunbookParser

/// Something that was waited for and has come.
package enum Delivery: Hashable, Sendable {
  /// An action or a probe ended.
  case ended(ActionEnd)
  /// It could not be started.
  case refused(String)
  /// A time has come.
  case timer(TimerPurpose)
  /// A person answered.
  case answered(Answer, by: String, evidence: Evidence)
}

/// A check being polled until it comes to a verdict.
package struct CheckRun: Hashable, Sendable {
  /// What is going on.
  package enum Stage: Hashable, Sendable {
    /// Nothing yet.
    case idle
    /// The world is asked; `late` once the attempt took too long.
    case probing(EffectID, late: Bool)
    /// A person is asked.
    case asking(EffectID)
    /// A check inside this one is asked.
    case nested
    /// The next attempt waits for its time.
    case pausing(EffectID)
    /// It came to a verdict.
    indirect case ended(CheckVerdict)
  }

  private let asked: Boxed<Check>
  /// The step it belongs to; nil for the run itself.
  package let step: StepIndex?
  /// Which check of the step it is.
  package let slot: Slot
  /// What the answer is about.
  package let subject: Evidence
  /// What is going on.
  package private(set) var stage: Stage = .idle
  /// How many attempts were made.
  package private(set) var attempts = 0

  /// Where the check's expressions stand.
  private(set) var vantage: Vantage
  private var startedAt: Int64 = 0
  private var deadline: EffectID?
  private var overdue = false
  private var cancelled = false
  private var overtime: String?
  /// Whether the check around it holds where this does not.
  private var isNegated = false
  private var heldSince: Int64?
  private var misses = 0
  private var last: Boxed<CheckVerdict>?
  private var inner: [CheckRun] = []
  private var innerVerdicts: [CheckVerdict] = []

  /// - Parameter vantage: Where the expressions of who uses the check stand.
  package init(_ check: Check, step: StepIndex?, slot: Slot, subject: Evidence, at vantage: Vantage) {
    self.vantage = vantage
    self.asked = Boxed(check)
    self.step = step
    self.slot = slot
    self.subject = subject
  }

  /// The check.
  package var check: Check { asked.value }

  /// What it came to; nil while it is being asked.
  package var verdict: CheckVerdict? {
    if case .ended(let verdict) = stage { verdict } else { nil }
  }

  /// Whether nothing but a person is waited for.
  package var waitsForPerson: Bool {
    switch stage {
    case .asking: true
    case .nested: inner.first?.waitsForPerson ?? false
    default: false
    }
  }

  /// Whether an answer to a question is waited for.
  func awaitsAnswer(to id: EffectID) -> Bool {
    switch stage {
    case .asking(let question): question == id
    case .nested: inner.first?.awaitsAnswer(to: id) ?? false
    case .idle, .probing, .pausing, .ended: false
    }
  }

  /// Whether the world is being asked right now.
  var hasProbeInFlight: Bool {
    switch stage {
    case .probing: true
    case .nested: inner.first?.hasProbeInFlight ?? false
    case .idle, .asking, .pausing, .ended: false
    }
  }

  /// Whether a timer is still waited for.
  func expects(_ timer: TimerID) -> Bool {
    if timer.owner == deadline { return timer.purpose == .within && verdict == nil && heldSince == nil }
    return switch stage {
    case .probing(let id, let late): timer.owner == id && timer.purpose == .timeout && !late
    case .pausing(let id): timer.owner == id && timer.purpose == .poll
    case .nested: inner.first?.expects(timer) ?? false
    case .asking(let id): timer.owner == id && timer.purpose == .timeout
    case .idle, .ended: false
    }
  }

  /// Begins.
  mutating func start(_ state: inout RunState) {
    startedAt = state.now
    if !check.parameters.isEmpty {
      switch state.parameters(of: check, at: vantage) {
      case .success(let parameters): vantage.parameters = parameters
      case .failure(let problem): return end(verdict(for: problem))
      }
    }
    if let within = check.within {
      let id = state.nextID(step, slot)
      deadline = id
      state.effects.append(.timer(TimerID(owner: id, purpose: .within), after: within))
    }
    attempt(&state)
  }

  /// Ends it without a verdict that matters; something may be in flight until its end is delivered.
  mutating func cancel(_ state: inout RunState) {
    cancelled = true
    interrupt(&state)
  }

  /// Ends it because what uses it has no more time for it; what it came to is no answer then.
  mutating func expire(_ state: inout RunState, saying message: String) {
    overtime = message
    cancel(&state)
  }

  /// Ends what is in flight, and the check with it once that is over.
  private mutating func interrupt(_ state: inout RunState) {
    switch stage {
    case .idle, .pausing:
      end(late(last?.value ?? CheckVerdict(.none, message: "it was not asked to the end")))
    case .probing(let id, _):
      state.effects.append(.stop(id))
    case .asking(let id):
      state.withdraw(id)
      end(CheckVerdict(.none, message: "nobody answered in time"))
    case .nested:
      inner[0].cancel(&state)
      collectInner(&state)
    case .ended:
      break
    }
  }

  /// Takes what was waited for; false if it was not waited for here.
  mutating func deliver(_ delivery: Delivery, to id: EffectID, _ state: inout RunState) -> Bool {
    if id == deadline {
      guard case .timer(.within) = delivery else { return false }
      passDeadline(&state)
      return true
    }
    switch stage {
    case .probing(let expected, let late) where expected == id:
      switch delivery {
      case .timer(.timeout):
        if !late {
          stage = .probing(id, late: true)
          state.effects.append(.stop(id))
        }
      case .refused(let message):
        attemptEnded(CheckVerdict(.none, message: message), &state)
      case .ended(let end):
        attemptEnded(late ? tooLate(end) : judge(end, &state), &state)
      case .timer, .answered:
        return false
      }
      return true
    case .asking(let expected) where expected == id && delivery == .timer(.timeout):
      state.withdraw(id)
      attemptEnded(CheckVerdict(.none, message: "nobody answered in time"), &state)
      return true
    case .asking(let expected) where expected == id:
      guard case .answered(let answer, let by, let evidence) = delivery else { return false }
      attemptEnded(judge(answer, by: by, evidence: evidence, &state), &state)
      return true
    case .pausing(let expected) where expected == id:
      guard case .timer(.poll) = delivery else { return false }
      attempt(&state)
      return true
    case .nested:
      guard inner[0].deliver(delivery, to: id, &state) else { return false }
      collectInner(&state)
      return true
    default:
      return false
    }
  }

  // MARK: Attempts

  private mutating func attempt(_ state: inout RunState) {
    attempts += 1
    switch check.probe {
    case .program, .http, .prometheus, .tool:
      ask(&state)
    case .assert(let expression):
      attemptEnded(assert(expression, &state), &state)
    case .manual(let manual):
      switch state.resolveText(manual.text, at: vantage) {
      case .success(let text):
        let id = state.nextID(step, slot)
        stage = .asking(id)
        let question = Question(text: text, kind: .confirm(typing: nil), audience: state.audience(manual.from))
        state.effects.append(.record(.asked(id, question)))
        if let bound = patience(manual) {
          state.effects.append(.timer(TimerID(owner: id, purpose: .timeout), after: bound))
        }
      case .failure(let problem):
        attemptEnded(verdict(for: problem), &state)
      }
    case .any, .all, .not:
      innerVerdicts = []
      startInner(0, &state)
    }
  }

  /// How long a person may take; nil for as long as it takes.
  private func patience(_ manual: Manual) -> Int64? {
    guard let within = manual.within, let timeout = check.timeout else { return manual.within ?? check.timeout }
    return min(within, timeout)
  }

  private mutating func ask(_ state: inout RunState) {
    let resolved: Result<ResolvedAction, ResolveProblem> =
      switch check.probe {
      case .program(let program): state.resolve(program, at: vantage).map { .program($0) }
      case .http(let call): state.resolve(call, at: vantage).map { .http($0) }
      case .prometheus(let query): state.resolve(query, at: vantage).map { .http($0) }
      case .tool(let tool): .success(.program(ResolvedProgram(arguments: tool.command)))
      default: .failure(.error("nothing to ask"))
      }
    switch resolved {
    case .success(let action):
      let id = state.nextID(step, slot)
      stage = .probing(id, late: false)
      if step == nil { state.ownProbes.insert(id) }
      state.effects.append(.probe(ProbeRequest(id: id, action: action, subject: subject, isNegated: isNegated)))
      if let patience {
        state.effects.append(.timer(TimerID(owner: id, purpose: .timeout), after: patience))
      }
    case .failure(let problem):
      attemptEnded(verdict(for: problem), &state)
    }
  }

  private mutating func startInner(_ place: Int, _ state: inout RunState) {
    var run = CheckRun(innerChecks[place], step: step, slot: slot, subject: subject, at: vantage)
    run.isNegated = isNegated
    if case .not = check.probe { run.isNegated.toggle() }
    stage = .nested
    run.start(&state)
    inner = [run]
    collectInner(&state)
  }

  private var innerChecks: [Check] {
    switch check.probe {
    case .any(let checks), .all(let checks): checks
    case .not(let other): [other]
    default: []
    }
  }

  private mutating func collectInner(_ state: inout RunState) {
    guard case .nested = stage, let verdict = inner.first?.verdict else { return }
    innerVerdicts.append(verdict)
    let decided: Bool =
      switch check.probe {
      case .any: verdict.answer == .holds
      case .all: !verdict.passes
      default: true
      }
    if !decided, !cancelled, !overdue, innerVerdicts.count < innerChecks.count {
      startInner(innerVerdicts.count, &state)
    } else {
      attemptEnded(combined(), &state)
    }
  }

  private func combined() -> CheckVerdict {
    let seen = Set(innerVerdicts.map(\.evidence))
    let evidence: Evidence = seen.contains(.assumed) ? .assumed : seen.contains(.scripted) ? .scripted : .observed
    let outputs = innerVerdicts.flatMap(\.outputs)
    func verdict(_ answer: CheckVerdict.Answer, _ message: String) -> CheckVerdict {
      CheckVerdict(answer, message: message, evidence: evidence, end: innerVerdicts.last?.end, outputs: outputs)
    }
    let messages = innerVerdicts.map(\.message).filter { !$0.isEmpty }.joined(separator: "; ")
    let answers = innerVerdicts.map(\.answer)
    switch check.probe {
    case .not:
      switch answers.first {
      case .holds: return verdict(.fails, "what must not hold does")
      case .fails: return verdict(.holds, "")
      // A scenario says what is so; a dry run does not know it.
      case .assumed: return evidence == .scripted ? verdict(.fails, "what must not hold does") : verdict(.assumed, "")
      default: return verdict(.none, messages)
      }
    case .any:
      if answers.contains(.holds) { return verdict(.holds, "") }
      if answers.contains(.assumed) { return verdict(.assumed, "") }
      return verdict(answers.contains(.none) ? .none : .fails, messages)
    default:
      if answers.contains(.fails) { return verdict(.fails, messages) }
      if answers.contains(.none) { return verdict(.none, messages) }
      return verdict(answers.contains(.assumed) ? .assumed : .holds, "")
    }
  }

  // MARK: Polling

  private mutating func attemptEnded(_ verdict: CheckVerdict, _ state: inout RunState) {
    if cancelled { return end(verdict) }
    last = Boxed(verdict)
    switch verdict.answer {
    // What nobody looked at does not come to hold for longer.
    case .assumed where verdict.evidence == .assumed:
      end(verdict)
    case .holds, .assumed:
      guard let holds = check.holds, !isAskedOnce(state) else { return end(verdict) }
      let since = heldSince ?? state.now
      heldSince = since
      let left = holds - max(0, state.now - since)
      if left <= 0 { return end(verdict) }
      pause(min(check.every, left), &state)
    case .fails, .none:
      if let since = heldSince {
        misses += 1
        if misses > check.tolerate {
          var lost = verdict
          lost.message =
            "it held, and stopped holding after \(DurationText.render(max(0, state.now - since))): "
            + verdict.message
          return end(lost)
        }
        pause(check.every, &state)
      } else if check.within != nil, !overdue {
        if isAskedOnce(state) { return end(verdict) }
        pause(check.every, &state)
      } else {
        end(late(verdict))
      }
    }
  }

  /// Whether no waiting makes it come true: it rests on a change that a dry run did not make.
  private func isAskedOnce(_ state: RunState) -> Bool { step.flatMap(state.assumption(under:)) != nil }

  private func late(_ verdict: CheckVerdict) -> CheckVerdict {
    guard let within = check.within else { return verdict }
    var late = verdict
    late.message = "not within \(DurationText.render(within)), in \(attempts) attempts: " + verdict.message
    return late
  }

  private mutating func pause(_ milliseconds: Int64, _ state: inout RunState) {
    let id = state.nextID(step, slot)
    stage = .pausing(id)
    state.effects.append(.timer(TimerID(owner: id, purpose: .poll), after: milliseconds))
  }

  private mutating func passDeadline(_ state: inout RunState) {
    guard heldSince == nil, verdict == nil else { return }
    overdue = true
    interrupt(&state)
  }

  private mutating func end(_ verdict: CheckVerdict) {
    inner = []
    innerVerdicts = []
    stage = .ended(overtime.map { CheckVerdict(.none, message: $0, evidence: verdict.evidence) } ?? verdict)
  }
}
