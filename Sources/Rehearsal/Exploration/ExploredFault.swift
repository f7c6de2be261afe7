import Journal
import RunbookParser

/// Something that goes wrong at one place of a plan, as a scenario can say it.
package struct ExploredFault: Hashable, Sendable {
  /// The kinds.
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    /// It ends without success and without effect, however often it is tried; a check does not hold.
    case fails
    /// It ends without success, and took effect.
    case failsApplied = "fails-applied"
    /// It goes on until its time is over, without effect.
    case timeout
    /// It goes on until its time is over, and took effect.
    case timeoutApplied = "timeout-applied"
    /// It is killed, or no answer comes, before it took effect.
    case killed
    /// It is killed, or no answer comes, after it took effect.
    case killedApplied = "killed-applied"
    /// A verification never holds.
    case neverHolds = "never-holds"
    /// A gate is denied.
    case denied
    /// Nobody approves.
    case neverApproved = "never-approved"
    /// A person does not confirm.
    case notConfirmed = "not-confirmed"
    /// Nobody comes to confirm.
    case neverConfirmed = "never-confirmed"
    /// A person says no.
    case refused
    /// Nobody comes.
    case nobody
    /// The engine dies after the intent and before the start.
    case crashBefore = "crash-before"
    /// The engine dies after the end and before it knows of it.
    case crashAfter = "crash-after"
    /// The engine dies once a record is written.
    case crash

    /// Whether it happens once, and is over.
    var isOver: Bool {
      switch self {
      case .crashBefore, .crashAfter, .crash: true
      default: false
      }
    }
  }

  /// What goes wrong.
  package var kind: Kind
  /// Where.
  package var address: String

  package init(_ kind: Kind, at address: String) {
    self.kind = kind
    self.address = address
  }

  /// What happens, in a few words.
  package var words: String {
    switch kind {
    case .fails: "\(address) fails"
    case .failsApplied: "\(address) fails, and took effect"
    case .timeout: "\(address) takes too long"
    case .timeoutApplied: "\(address) takes too long, and took effect"
    case .killed: "\(address) is killed before it took effect"
    case .killedApplied: "\(address) is killed after it took effect"
    case .neverHolds: "\(address) never holds"
    case .denied: "\(address) is denied"
    case .neverApproved: "nobody approves \(address)"
    case .notConfirmed: "people do not confirm \(address)"
    case .neverConfirmed: "nobody comes to confirm \(address)"
    case .refused: "people say no to \(address)"
    case .nobody: "nobody comes to \(address)"
    case .crashBefore: "the engine dies before \(address)"
    case .crashAfter: "the engine dies after \(address)"
    case .crash: "the engine dies after record \(address.dropFirst("records.".count))"
    }
  }

  /// The fault as a scenario knows it; nil where it is what the world or people say.
  var fault: RehearsalScenario.Fault? {
    switch kind {
    case .fails: .init(.exit, at: address)
    case .timeout: .init(.timeout, at: address)
    case .neverHolds: .init(.verifyFails, at: address)
    case .crashBefore: .init(.crashBefore, at: address)
    case .crashAfter, .crash: .init(.crashAfter, at: address)
    case .failsApplied, .timeoutApplied, .killed, .killedApplied, .denied, .neverApproved, .notConfirmed,
      .neverConfirmed, .refused, .nobody:
      nil
    }
  }

  /// Says it in a scenario.
  func write(into scenario: inout RehearsalScenario, _ places: FaultPlaces) {
    if let fault { return scenario.faults.append(fault) }
    let place = places[address]
    var answer = RehearsalScenario.Answer()
    switch kind {
    case .failsApplied, .timeoutApplied:
      answer.ending = place?.asksServer == true ? .status(500) : .exit(1)
      if kind == .timeoutApplied { answer.takes = (place?.timeout ?? UsualTime.action) * 2 }
    case .killed, .killedApplied: answer.ending = place?.asksServer == true ? .error("no answer") : .signal(9)
    case .denied, .neverApproved, .notConfirmed, .neverConfirmed, .refused, .nobody:
      let said = scenario.people[address] ?? scenario.people[PlanAddresses.withoutNumbers(address)]
      return scenario.people[address] = sayings(said, place)
    case .fails, .timeout, .neverHolds, .crashBefore, .crashAfter, .crash: return
    }
    if kind != .killed { answer.applied = true }
    scenario.answers[address] = [answer]
  }

  /// What people say then at the address.
  ///
  /// - Parameter said: What they say there otherwise; nil where nobody says it.
  private func sayings(
    _ said: [RehearsalScenario.Saying]?, _ place: FaultPlaces.Place?
  ) -> [RehearsalScenario.Saying] {
    func isVote(_ saying: RehearsalScenario.Saying) -> Bool { if case .vote = saying.words { true } else { false } }
    let votes = said?.filter(isVote) ?? place?.approvals ?? []
    let spoken = said?.filter { !isVote($0) } ?? []
    let confirmed: [RehearsalScenario.Saying] = place?.confirmation.isEmpty == false ? [.init(.confirm(true))] : []
    switch kind {
    case .denied:
      guard case .vote(let person, _)? = place?.approvals.first?.words else { return [] }
      return [.init(.vote(person, approves: false))] + spoken
    case .neverApproved: return spoken.isEmpty ? confirmed : spoken
    case .notConfirmed: return votes + [.init(.confirm(false))]
    case .refused: return votes + confirmed + [.init(place?.isTicked == true ? .tick(false) : .confirm(false))]
    case .nobody: return votes + confirmed
    default: return []
    }
  }
}
