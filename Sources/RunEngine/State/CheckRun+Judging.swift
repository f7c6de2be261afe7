import Expressions
import RunbookParser

/// What the answer to a check's question comes to.
extension CheckRun {
  /// For how long a question's answer is awaited: a tool that a called runbook requires as those of the run.
  var patience: Int64? {
    if case .tool = check.probe { check.timeout ?? RunState.toolPatience } else { check.timeout }
  }

  func tooLate(_ end: ActionEnd) -> CheckVerdict {
    let bound = patience.map { " within \(DurationText.render($0))" } ?? ""
    return CheckVerdict(.none, message: "no answer\(bound)", evidence: end.evidence, end: end)
  }

  func judge(_ end: ActionEnd, _ state: inout RunState) -> CheckVerdict {
    switch end.ending {
    case .assumed:
      return CheckVerdict(.assumed, evidence: end.evidence, end: end)
    case .refuted:
      return CheckVerdict(.fails, message: "it does not hold", evidence: end.evidence, end: end)
    case .cancelled:
      return CheckVerdict(.none, message: "it was ended before it answered", evidence: end.evidence, end: end)
    case .unanswered(let reason):
      return CheckVerdict(.none, message: reason, evidence: end.evidence, end: end)
    case .signalled(let signal, _, _):
      return CheckVerdict(.none, message: "ended by signal \(signal)", evidence: end.evidence, end: end)
    case .exited, .answered:
      break
    }
    if case .tool(let tool) = check.probe {
      let problem = state.problem(of: tool, end)
      return CheckVerdict(problem == nil ? .holds : .fails, message: problem ?? "", evidence: end.evidence, end: end)
    }
    if slot == .applied, !couldAsk(end) {
      let seen = state.describeMismatch(check.expect, end)
      return CheckVerdict(.none, message: "it could not ask: \(seen)", evidence: end.evidence, end: end)
    }
    let result = ResultView.end(end)
    switch state.satisfies(check.expect, end, at: vantage) {
    case .success(true):
      return CheckVerdict(
        .holds, evidence: end.evidence, end: end, outputs: state.outputs(check.outputs, result, at: vantage).values)
    case .success(false):
      let said = check.says.flatMap { try? state.resolveText($0, at: vantage, result: result).get() }
      return CheckVerdict(
        .fails, message: said ?? state.describeMismatch(check.expect, end), evidence: end.evidence, end: end)
    case .failure(let problem):
      return verdict(for: problem)
    }
  }

  /// Whether an end is a yes or a no: what could not ask must not stand for a change, let it start again, or spare its
  /// undo. An `expect` that looks at the status itself is taken at its word.
  func couldAsk(_ end: ActionEnd) -> Bool {
    switch end.ending {
    case .exited(let status, _, _):
      if let expect = check.expect { return status == 0 || expect.looksAtResult("exit") }
      return status == 0 || status == 1
    case .answered(let answer):
      let answers = (200...299).contains(answer.status) || [404, 410].contains(answer.status)
      return answers || check.expect?.looksAtResult("status") == true
    case .signalled, .unanswered, .cancelled, .assumed, .refuted: return true
    }
  }

  func judge(_ answer: Answer, by: String, evidence: Evidence, _ state: inout RunState) -> CheckVerdict {
    switch answer {
    case .yes(let fields):
      return judge(NamedValue.answer(fields, by: by), evidence, state)
    case .choice, .notApplicable, .vote:
      return CheckVerdict(evidence == .assumed ? .assumed : .holds, evidence: evidence)
    case .no(let reason):
      return CheckVerdict(
        .fails, message: by.isEmpty ? reason : reason.isEmpty ? "\(by) said no" : "\(by) said no: \(reason)",
        evidence: evidence)
    }
  }

  /// What somebody gave who said yes.
  func judge(_ given: [NamedValue], _ evidence: Evidence, _ state: RunState) -> CheckVerdict {
    var verdict = CheckVerdict(evidence == .assumed ? .assumed : .holds, evidence: evidence)
    guard verdict.answer == .holds else { return verdict }
    verdict.given = given
    switch check.expect.map({ state.truth($0, at: vantage, result: .check(verdict)) }) {
    case nil, .success(true): break
    case .success(false):
      let said = check.says.flatMap { try? state.resolveText($0, at: vantage, result: .check(verdict)).get() }
      return CheckVerdict(
        .fails, message: said ?? "expected \(check.expect?.source ?? "")", evidence: evidence)
    case .failure(let problem): return self.verdict(for: problem)
    }
    verdict.outputs = state.outputs(check.outputs, .check(verdict), at: vantage).values
    return verdict
  }

  func assert(_ expression: Expression, _ state: inout RunState) -> CheckVerdict {
    switch state.truth(expression, at: vantage) {
    case .success(true): return CheckVerdict(.holds)
    case .success(false):
      let said = check.says.flatMap { try? state.resolveText($0, at: vantage).get() }
      return CheckVerdict(.fails, message: said ?? "\(expression.source) is false")
    case .failure(let problem): return verdict(for: problem)
    }
  }

  func verdict(for problem: ResolveProblem) -> CheckVerdict {
    switch problem {
    case .unknown(let source):
      CheckVerdict(.assumed, message: "depends on \(source), which is not known", evidence: .assumed)
    case .error(let message): CheckVerdict(.none, message: message)
    }
  }
}

extension Expression {
  /// Whether it uses this part of a result, or a result as a whole.
  fileprivate func looksAtResult(_ name: String) -> Bool {
    paths.contains { $0.segments.first == "result" && ($0.segments.count == 1 || $0.segments[1] == name) }
  }
}
