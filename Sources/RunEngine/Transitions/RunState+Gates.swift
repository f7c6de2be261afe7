import Expressions
import RunbookParser

/// Steps that people must approve before they act.
extension RunState {
  /// The gate of a step, once people were asked.
  package func gate(of step: StepIndex) -> OpenGate? { gates[step] }

  /// The gates at which the run waits.
  package var openGates: [(step: StepIndex, gate: OpenGate)] {
    gates.keys.sorted().compactMap { step in
      guard case .approving = steps[Int(step.value)].phase, let gate = gates[step] else { return nil }
      return (step, gate)
    }
  }

  // MARK: Opening

  /// Puts a step before those who must approve it, or what an earlier engine had put before them once more.
  mutating func openGate(_ step: StepIndex, _ approval: Approval) {
    if isEndedByChoice(step) { return leaveUnbegun(step) }
    if let gate = gates[step] { return reopen(step, gate) }
    var request = ApprovalRequest(approval: approval, expires: approval.within.map { now + $0 })
    switch describe(step, &request) {
    case .success: break
    case .failure(.unknown): return enqueue(step)
    case .failure(.error(let message)): return fail(step, .failed, message)
    }
    let id = nextID(step, .confirmation)
    setPhase(step, .approving(id, closing: false))
    effects.append(
      .record(.asked(id, Question(text: self[step].title ?? "Do \(path(of: step))?", kind: .approval(request)))))
  }

  /// Works out what will be done.
  private mutating func describe(_ step: StepIndex, _ request: inout ApprovalRequest) -> Result<Void, ResolveProblem> {
    guard self[step].action.holdsOthers else {
      return resolve(self[step].action, at: vantage(step)).map { request.action = $0 }
    }
    return expansion(of: step).map { expansion in
      switch expansion {
      case .items(let items): request.items = items
      case .call(let inputs): request.inputs = inputs
      case .group: break
      }
      request.inside = preview(step, expansion)
    }
  }

  /// The gate was recorded: people are asked.
  mutating func gateRecorded(_ id: EffectID, _ question: Question) {
    guard case .approval(let request) = question.kind, let step = id.step else { return }
    gates[step] = OpenGate(id, question, request)
    steps[Int(step.value)].resolved = request.action
    boundGate(id, request)
  }

  private mutating func reopen(_ step: StepIndex, _ gate: OpenGate) {
    if gate.isMet { return enqueue(step) }
    setPhase(step, .approving(gate.id, closing: false))
    put(gate.question, gate.id)
    let missing = gate.request.approval.demands.compactMap { demand in
      let count = gate.missing(demand, plan.policy)
      return count == 0 ? nil : "\(count) of \(demand.roles.joined(separator: " or "))"
    }
    let path = path(of: step)
    effects.append(
      .report("\(path) waits for \(missing.joined(separator: ", and ")): belay approve \(run.id) \(path) --reason …"))
    boundGate(gate.id, gate.request)
  }

  private mutating func boundGate(_ id: EffectID, _ request: ApprovalRequest) {
    guard let expires = request.expires else { return }
    effects.append(.timer(TimerID(owner: id, purpose: .expiry), after: max(0, expires - now)))
  }

  // MARK: Votes

  /// Takes what came for an open gate.
  mutating func deliverToGate(_ delivery: Delivery, _ id: EffectID, _ step: StepIndex) -> Bool {
    switch delivery {
    case .timer(.expiry):
      // What was recorded in time counts, though it has not been read yet.
      setPhase(step, .approving(id, closing: true))
      effects.append(.close(id))
    case .answered(.vote(let vote), _, _): count(vote, id, step)
    case .answered(_, _, .assumed):
      gates[step]?.isMet = true
      gates[step]?.isVerified = true
      passGate(step)
    case .answered(_, let by, _): fail(step, .denied, "\(by) said no")
    case .timer, .ended, .refused: return false
    }
    return true
  }

  /// Nobody else says anything; whether that ended the gate.
  mutating func closeGate(_ id: EffectID) -> Bool {
    if let step = id.step, Int(step.value) < steps.count, case .reverifying(id) = steps[Int(step.value)].phase {
      // Nobody can verify what was said: no reason to take it for void.
      effects.append(.report("\(path(of: step)): the approvals cannot be verified now"))
      releaseSlot(step)
      beginPause(.personNeeded)
      enqueue(step)
      return true
    }
    guard let step = id.step, Int(step.value) < steps.count,
      case .approving(id, closing: true) = steps[Int(step.value)].phase, let gate = gates[step]
    else { return false }
    let given = gate.votes.isEmpty ? "nobody" : gate.votes.map(\.known).joined(separator: ", ") + " alone"
    withdraw(id)
    fail(step, .denied, "\(given) approved it in time")
    return true
  }

  private mutating func count(_ vote: Vote, _ id: EffectID, _ step: StepIndex) {
    guard var gate = gates[step], vote.record > gate.heard else { return }
    gate.heard = vote.record
    gates[step] = gate
    if let reason = refusal(of: vote, at: gate) {
      effects.append(.report("\(path(of: step)): what \(vote.known) said does not count: \(reason)"))
      return
    }
    guard vote.approves else {
      withdraw(id)
      return deny(step, vote)
    }
    gate.votes.append(vote)
    gate.isMet = gate.request.approval.demands.allSatisfy { gate.missing($0, plan.policy) == 0 }
    gates[step] = gate
    guard gate.isMet else { return }
    withdraw(id)
    passGate(step)
  }

  /// Enough people have said yes: preconditions are looked at again, unless the step has acted before.
  private mutating func passGate(_ step: StepIndex) {
    if steps[Int(step.value)].attempt > 0 { enqueue(step) } else { check(step, 0, afterPerson: true) }
  }

  /// One no ends it.
  private mutating func deny(_ step: StepIndex, _ vote: Vote) {
    fail(step, .denied, "\(vote.known) denied it" + (vote.reason.isEmpty ? "" : ": " + vote.reason))
  }

  /// What somebody said is no vote. Behind a gate that is met it is passed over: an engine that opens it again reads on from
  /// the last vote that it heard.
  mutating func voteRefused(_ id: EffectID, _ vote: VoidVote, by login: String) {
    guard let step = id.step, Int(step.value) < steps.count, case .approving(id, _) = steps[Int(step.value)].phase,
      let gate = gates[step], vote.record > gate.heard
    else { return }
    gates[step]?.heard = vote.record
    effects.append(.report("\(path(of: step)): what \(login) said does not count: \(vote.reason)"))
  }

  /// Why a vote does not count; nil where it does.
  package func refusal(of vote: Vote, at gate: OpenGate) -> String? {
    let approval = gate.request.approval
    if let expires = gate.request.expires, vote.time > expires { return "it came too late" }
    guard approval.demands.contains(where: { plan.policy?.has(vote.person, oneOf: $0.roles) == true }) else {
      return "it takes \(Set(approval.demands.flatMap(\.roles)).sorted().joined(separator: " or "))"
    }
    if plan.policy?.keys != nil, case .login = vote.identity { return "it is not signed" }
    if !vote.approves { return nil }
    if let rule = approval.excludesStarter, run.starter == nil {
      return "nobody knows who started the run, which \(rule) asks about"
    }
    if let rule = approval.excludesStarter, vote.person == run.starter?.person || isStarterKey(vote.identity) {
      return "they started the run (\(rule))"
    }
    if gate.votes.contains(where: { $0.person == vote.person }) { return "they have said it already" }
    if case .key = vote.identity, gate.votes.contains(where: { $0.identity == vote.identity }) {
      return "somebody else has signed with the same key"
    }
    return nil
  }

  private func isStarterKey(_ identity: Identity) -> Bool {
    guard let fingerprint = run.starter?.fingerprint else { return false }
    return identity == .key(fingerprint)
  }

  // MARK: Right before the step

  /// The gates that a step has passed, its own and those of what it stands inside.
  private func gates(around step: StepIndex) -> [StepIndex] {
    var found: [StepIndex] = []
    var next: StepIndex? = step
    while let step = next {
      if gates[step] != nil { found.append(step) }
      next = owner(of: step)
    }
    return found
  }

  /// Has the votes for a step verified once more before it acts again.
  mutating func verifyAnew(_ step: StepIndex) {
    if gates.isEmpty { return }
    for holder in gates(around: step) { gates[holder]?.isVerified = false }
  }

  /// Whether votes are still to be verified before a step acts; asks for that. It holds the step's slot meanwhile.
  mutating func awaitsVerification(_ step: StepIndex) -> Bool {
    guard !gates.isEmpty, let holder = gates(around: step).first(where: { gates[$0]?.isVerified != true }),
      let gate = gates[holder]
    else { return false }
    guard gate.isMet else {
      if holder == step { goOn(step) } else { denyInside(holder, step) }
      return true
    }
    let id = nextID(step, .confirmation)
    takeSlot(step)
    setPhase(step, .reverifying(id))
    effects.append(.verify(id, gate.id, gate.votes))
    return true
  }

  /// The votes for a step were verified once more.
  mutating func votesVerified(_ id: EffectID, void: [VoidVote], denials: [Vote]) {
    guard let step = id.step, Int(step.value) < steps.count, case .reverifying(id) = steps[Int(step.value)].phase
    else { return }
    releaseSlot(step)
    // Another step inside the same one may have had it verified meanwhile.
    guard let holder = gates(around: step).first(where: { gates[$0]?.isVerified != true }), var gate = gates[holder]
    else { return beginVerified(step) }
    if let denial = denials.first(where: { refusal(of: $0, at: gate) == nil }) {
      setPhase(step, .waiting)
      return deny(step, denial)
    }
    guard void.isEmpty else {
      for vote in void {
        let person = gate.votes.first { $0.record == vote.record }?.person ?? "somebody"
        effects.append(.report("\(path(of: holder)): what \(person) said does not count any more: \(vote.reason)"))
      }
      gate.votes.removeAll { vote in void.contains { $0.record == vote.record } }
      gate.isMet = false
      gates[holder] = gate
      return holder == step ? goOn(step) : denyInside(holder, step)
    }
    // An engine that stops verified it for nobody: whoever goes on does so again.
    gate.isVerified = mayBegin
    gates[holder] = gate
    beginVerified(step)
  }

  /// What a step stands inside was approved, and is not any more.
  private mutating func denyInside(_ holder: StepIndex, _ step: StepIndex) {
    setPhase(step, .waiting)
    fail(step, .denied, "what \(path(of: holder)) was approved with does not count any more")
  }

  /// Starts a step at once, in the place that it held.
  private mutating func beginVerified(_ step: StepIndex) {
    guard mayBegin else { return enqueue(step) }
    start(step)
    fillSlots()
  }

  /// Goes on with a step at its gate: asks people again where their votes do not count any more.
  mutating func goOn(_ step: StepIndex) {
    if isEndedByChoice(step), steps[Int(step.value)].attempt == 0 { return leaveUnbegun(step) }
    guard let gate = gates[step], !gate.isMet else { return enqueue(step) }
    // Nobody is asked by an engine that stops; the next one does.
    guard pause == nil else { return setPhase(step, .approving(gate.id, closing: false)) }
    reopen(step, gate)
  }
}
