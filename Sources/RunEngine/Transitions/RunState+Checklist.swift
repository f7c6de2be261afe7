import Expressions
import RunbookParser

/// Checklists: items that people tick and checks that are asked, side by side.
extension RunState {
  /// Asks for all items at once.
  ///
  /// - Parameter before: How far they had come under an earlier engine: what people said stays said.
  mutating func begin(
    _ items: [ChecklistItem], _ step: StepIndex, after before: [ChecklistProgress] = []
  ) -> InnerProgress {
    var progress: [ChecklistProgress] = []
    for (place, item) in items.enumerated() {
      if case .tick = item, before.count == items.count, before[place].isSaidByPerson {
        progress.append(before[place])
        continue
      }
      switch item {
      case .tick(let tick):
        switch resolveText(tick.text, at: vantage(step)) {
        case .failure(.error(let message)): return failed(message)
        case .failure(.unknown(let source)):
          progress.append(.settled(passed: true, text: "depends on \(source)", by: "assumed"))
        case .success(let text):
          let id = nextID(step, .item(place))
          let kind = Question.Kind.tick(evidence: tick.evidence, notApplicable: tick.notApplicable)
          effects.append(.record(.asked(id, Question(text: text, kind: kind, audience: audience(tick.from)))))
          progress.append(.asking(id))
        }
      case .check(let check):
        var run = CheckRun(check, step: step, slot: .item(place), subject: .observed, at: vantage(step))
        run.start(&self)
        progress.append(settled(run))
      }
    }
    return self.progress(of: progress)
  }

  func settled(_ run: CheckRun) -> ChecklistProgress {
    guard let verdict = run.verdict else { return .checking(run) }
    let name = run.check.title ?? run.check.id ?? "check"
    return .settled(
      passed: verdict.passes, text: verdict.passes ? name : "\(name): \(verdict.message)",
      by: verdict.answer == .assumed ? "assumed" : "check")
  }

  func progress(of items: [ChecklistProgress]) -> InnerProgress {
    var entries: [Value] = []
    var missing: [String] = []
    var assumed = false
    for item in items {
      guard case .settled(let passed, let text, let by) = item else { return .running(.checklist(items)) }
      if !passed { missing.append(text) }
      if by == "assumed" { assumed = true }
      entries.append(
        .map(
          ValueMap([
            (.string("text"), .string(text)), (.string("passed"), .bool(passed)), (.string("by"), .string(by)),
          ])))
    }
    let failure = missing.isEmpty ? nil : Failure(.failed, missing.joined(separator: "; "))
    return .ended(
      InnerEnd(
        failure: failure, result: .fields([NamedValue(name: "items", value: .list(entries))]),
        evidence: assumed ? .assumed : .observed))
  }

  /// Takes what came for an item; nil where none waited for it.
  mutating func advance(
    _ before: [ChecklistProgress], _ delivery: Delivery, to id: EffectID, _ action: Action, _ step: StepIndex
  ) -> InnerProgress? {
    var items = before
    for place in items.indices {
      switch items[place] {
      case .asking(let expected) where expected == id:
        guard case .answered(let answer, let by, let evidence) = delivery else { return nil }
        items[place] = ticked(answer, by: evidence == .assumed ? "assumed" : by, text(of: place, action, step))
        return progress(of: items)
      case .checking(var run):
        if run.deliver(delivery, to: id, &self) {
          items[place] = settled(run)
          return progress(of: items)
        }
      default: break
      }
    }
    return nil
  }

  /// What an item of a checklist says, for people.
  private func text(of place: Int, _ action: Action, _ step: StepIndex) -> String {
    guard case .checklist(let items) = action, case .tick(let tick) = items[place],
      case .success(let text) = resolveText(tick.text, at: vantage(step))
    else { return "item \(place)" }
    return text
  }

  private func ticked(_ answer: Answer, by: String, _ item: String) -> ChecklistProgress {
    switch answer {
    case .yes(let fields):
      let evidence = fields.first.map { ": " + $0.value.rendered } ?? ""
      return .settled(passed: true, text: "ticked" + evidence, by: by)
    case .notApplicable: return .settled(passed: true, text: "not applicable", by: by)
    case .choice(let choice): return .settled(passed: false, text: choice, by: by)
    case .vote: return .settled(passed: false, text: "\(item): \(by) did not tick it", by: by)
    case .no(let reason):
      let why = reason.isEmpty ? "\(by) did not tick it" : reason
      return .settled(passed: false, text: "\(item): \(why)", by: by)
    }
  }
}

extension ChecklistProgress {
  /// Whether somebody ticked the item, or said that it is not so.
  fileprivate var isSaidByPerson: Bool {
    guard case .settled(_, _, let by) = self else { return false }
    return !by.isEmpty && by != "assumed"
  }
}
