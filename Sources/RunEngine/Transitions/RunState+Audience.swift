import RunbookParser

/// Questions to people of some role.
extension RunState {
  /// Whose answer counts where a runbook says `from`; nil where it says nothing.
  func audience(_ roles: [String]) -> Audience? {
    guard !roles.isEmpty else { return nil }
    return Audience(roles: roles, logins: (plan.policy?.people(of: roles) ?? []).map(\.login).sorted())
  }

  /// Whose answer to an open question counts; nil for anybody's.
  package func audience(of id: EffectID) -> Audience? { asked[id] ?? nil }

  /// Those whom the run waits for because they are not where its engine was.
  package var missedAudiences: [Audience] {
    absent.sorted { $0.description < $1.description }.compactMap { audience(of: $0) }
  }

  /// Puts a question to whoever is there.
  mutating func put(_ question: Question, _ id: EffectID) {
    asked[id] = .some(question.audience)
    effects.append(.ask(id, question))
  }

  /// Nobody is asked any more, or at all where that has only just been decided.
  mutating func withdraw(_ id: EffectID) {
    let place = effects.firstIndex { if case .record(.asked(id, _)) = $0 { true } else { false } }
    if let place { effects.remove(at: place) } else { effects.append(.withdraw(id)) }
  }

  /// Whether the answer of somebody counts.
  func mayAnswer(_ id: EffectID, _ login: String) -> Bool {
    guard let audience = audience(of: id) else { return true }
    return audience.logins.contains(login)
  }

  /// Nobody whose answer counts is there.
  ///
  /// What else is asked may be answered here all the same, so that a checklist of several roles gets ahead with each of
  /// them: the run pauses when nothing else is open.
  mutating func missAudience(_ id: EffectID) {
    if audience(of: id) != nil, let step = id.step, case .none = steps[Int(step.value)].undo, !isFinal(step) {
      absent.insert(id)
    } else {
      missPerson(id)
    }
  }

  /// Pauses where all that is still asked needs somebody who is not there.
  mutating func pauseForAudience() {
    guard pause == nil, !absent.isEmpty, !isTerminal else { return }
    asked = asked.filter { awaitsAnswer(to: $0.key) }
    absent.formIntersection(asked.keys)
    if !absent.isEmpty, absent.count == asked.count { beginPause(.personNeeded) }
  }
}
