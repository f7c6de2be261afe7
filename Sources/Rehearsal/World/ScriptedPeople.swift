import Expressions
import Journal
import RunEngine
import RunbookParser

/// The people of a scenario: what they say, and when.
struct ScriptedPeople: Sendable {
  /// What comes of a question.
  enum Reaction {
    /// This is said, by whom and after how many milliseconds.
    case answer(Answer, by: String, after: Int64)
    /// There is nobody who could say anything.
    case nobody
    /// Votes come.
    case votes([Vote])
  }

  /// What they say.
  var scenario: RehearsalScenario
  private(set) var used: [String: Int] = [:]
  /// What is going to be said, by the question that it answers: the address whose saying it is.
  private(set) var underWay: [EffectID: String] = [:]
  private(set) var cast: [EffectID: [Vote]] = [:]
  private var lastRecord: Int64 = 0

  init(_ scenario: RehearsalScenario) { self.scenario = scenario }

  /// What comes of a question that is put at a time.
  mutating func reaction(to question: Question, _ id: EffectID, at now: Int64, _ state: RunState) -> Reaction {
    let address = Self.address(of: id, state)
    if case .approval(let request) = question.kind { return .votes(votes(request, id, address, at: now, state)) }
    let all = sayings(address)
    let spoken = all?.filter { if case .vote = $0.words { false } else { true } }
    // Who speaks at a step's gate alone says nothing of its other questions.
    guard let sayings = spoken, !sayings.isEmpty || all?.isEmpty == true else {
      let usual = usual(question, id)
      if case .answer = usual { count(address, for: id) }
      return usual
    }
    let place = used[address] ?? 0
    guard place < sayings.count, let answer = Self.answer(sayings[place].words) else { return .nobody }
    count(address, for: id)
    let saying = sayings[place]
    let by = saying.by ?? question.audience?.logins.first ?? state.run.operatorName
    return .answer(answer(saying.reason), by: by, after: saying.after ?? UsualTime.person)
  }

  /// The address under which a scenario says what is said to a question.
  static func address(of id: EffectID, _ state: RunState) -> String {
    // Whether an action took effect is said of the step.
    if id.slot == .doubt, let step = id.step { return RunEventCodec.address(step, state) }
    return RunEventCodec.address(id, state)
  }

  /// Something is going to be said, by the scenario or because it is usual.
  private mutating func count(_ address: String, for id: EffectID) {
    used[address, default: 0] += 1
    underWay[id] = address
  }

  /// A question was answered.
  mutating func wasHeard(_ id: EffectID) { underWay[id] = nil }

  /// The engine died: what nobody has heard is said once more to the next one, which asks again.
  mutating func sayAgain() {
    for address in underWay.values { used[address, default: 1] -= 1 }
    underWay = [:]
  }

  private func sayings(_ address: String) -> [RehearsalScenario.Saying]? {
    scenario.people[address] ?? scenario.people[PlanAddresses.withoutNumbers(address)]
  }

  private static func answer(_ words: RehearsalScenario.Saying.Words) -> ((_ reason: String) -> Answer)? {
    switch words {
    case .confirm(true), .tick(true): { _ in .yes(fields: []) }
    case .confirm(false), .tick(false): { .no($0) }
    case .tick(nil): { _ in .notApplicable }
    case .choose(let choice): { _ in .choice(choice) }
    case .fields(let fields): { _ in .yes(fields: fields) }
    case .vote: nil
    }
  }

  /// What is said where a scenario says nothing: yes, and that what was done is undone.
  private func usual(_ question: Question, _ id: EffectID) -> Reaction {
    let by = question.audience?.logins.first ?? "operator"
    switch question.kind {
    case .confirm, .tick: return .answer(.yes(fields: []), by: by, after: UsualTime.person)
    case .manual(let fields) where fields.isEmpty:
      return .answer(.yes(fields: []), by: by, after: UsualTime.person)
    case .choose where id.slot == .policy && id.step == nil:
      return .answer(.choice(FailurePolicy.rollback.rawValue), by: by, after: UsualTime.person)
    case .manual, .choose, .approval: return .nobody
    }
  }

  // MARK: Gates

  /// What was and will be said about a gate, after what has been heard.
  private mutating func votes(
    _ request: ApprovalRequest, _ id: EffectID, _ address: String, at now: Int64, _ state: RunState
  ) -> [Vote] {
    if cast[id] == nil {
      let said =
        sayings(address)?.compactMap { saying -> RehearsalScenario.Saying? in
          if case .vote = saying.words { saying } else { nil }
        } ?? Self.usual(request.approval, state.plan.policy)
      cast[id] = said.sorted { ($0.after ?? UsualTime.person) < ($1.after ?? UsualTime.person) }.compactMap { saying in
        guard case .vote(let person, let approves) = saying.words else { return nil }
        lastRecord += 1
        return Vote(
          record: lastRecord, person: person, identity: .key("scripted:\(person)"), approves: approves,
          reason: saying.reason, time: now + (saying.after ?? UsualTime.person))
      }
    }
    guard let step = id.step, let gate = state.gate(of: step) else { return [] }
    return (cast[id] ?? []).filter { $0.record > gate.heard }
  }

  /// As many of those who may approve as it takes.
  static func usual(_ approval: Approval, _ policy: Policy?) -> [RehearsalScenario.Saying] {
    guard let policy else { return [] }
    var chosen: [String] = []
    for demand in approval.demands {
      let able = policy.people(of: demand.roles).map(\.name)
      var missing = demand.count - able.count { chosen.contains($0) }
      for person in able where missing > 0 && !chosen.contains(person) {
        chosen.append(person)
        missing -= 1
      }
    }
    return chosen.map { RehearsalScenario.Saying(.vote($0, approves: true)) }
  }

  /// Who had denied a gate until a time.
  func denials(of gate: EffectID, until now: Int64) -> [Vote] {
    (cast[gate] ?? []).filter { !$0.approves && $0.time <= now }
  }
}
