import CanonicalJSON
import Testing

/// How a person goes on after an engine was killed.
enum Recovery: Sendable {
  /// With `belay resume`.
  case resume
  /// With `belay resume`, which is killed at one of its commits, and again.
  case resumeTwice(killedAt: Int)
  /// With `belay rollback`.
  case rollback
}

extension World {
  /// Outcomes that nothing more follows from.
  static let terminal: Set<String> = [
    "succeeded", "rolled-back", "failed", "unmet", "denied", "stopped", "rollback-incomplete", "aborted",
  ]

  /// Goes on with what a killed engine left, and says everything that is not as it must be.
  func problems(recovering runbook: Runbook, by recovery: Recovery) -> [String] {
    guard let run = lastRun() else {
      var problems = oracle.entries.isEmpty ? [] : ["something was started, and there is no run"]
      let result = belay("run", write(runbook))
      if result.status != runbook.status { problems.append("the store cannot be used: \(result)") }
      return problems + problemsAtTheEnd(of: runbook, outcome: runbook.outcome, kills: 0)
    }
    var problems = problemsOfTheLog()
    switch recovery {
    case .resume: problems += resume(runbook, run, kills: 1)
    case .resumeTwice(let instant):
      if Self.terminal.contains(run.status) { return problems }
      let result = belay("resume", "last", under: KillPoints.commits.killing(at: instant))
      problems += problemsOfTheLog()
      guard result.status == 137, let run = lastRun() else {
        problems += result.status == runbook.status ? [] : ["resumed: \(result)"]
        return problems + problemsAtTheEnd(of: runbook, outcome: runbook.outcome, kills: 1)
      }
      problems += resume(runbook, run, kills: 2)
    case .rollback: problems += rollBack(runbook, kills: 1)
    }
    return problems
  }

  private func resume(_ runbook: Runbook, _ run: (id: String, status: String), kills: Int) -> [String] {
    if Self.terminal.contains(run.status) {
      return problemsAtTheEnd(of: runbook, outcome: runbook.outcome, kills: kills)
    }
    var problems = run.status == "interrupted" ? [] : ["the killed run is \(run.status)"]
    let result = belay("resume", "last")
    if let doubtful = stepInDoubt(of: runbook) {
      // Nobody may start it again, and a person can say that it is to be undone.
      if result.status != 7 { problems.append("\(doubtful) is in doubt, and resumed: \(result)") }
      problems += problemsAtTheEnd(of: runbook, outcome: "interrupted", kills: kills)
      return problems + rollBack(runbook, kills: kills)
    }
    if result.status != runbook.status { problems.append("resumed: \(result)") }
    return problems + problemsAtTheEnd(of: runbook, outcome: runbook.outcome, kills: kills)
  }

  private func rollBack(_ runbook: Runbook, kills: Int) -> [String] {
    let result = belay("rollback", "last")
    var problems = result.status == 0 ? [] : ["rolled back: \(result)"]
    var undone = runbook
    undone.left = []
    problems += problemsAtTheEnd(of: undone, outcome: nil, kills: kills)
    for step in runbook.steps where oracle.entries.contains(where: { $0.verb == "done" && $0.step == step.id }) {
      if !oracle.undone.contains(step.id) { problems.append("\(step.id) was done and not undone") }
    }
    return problems
  }

  /// A step that only a person can decide on: its intent is there, and neither a result nor its change.
  private func stepInDoubt(of runbook: Runbook) -> String? {
    let markers = markers(of: runbook.ids)
    let intents = intents
    return runbook.steps.first { step in
      guard step.guard == .verify || step.guard == .nothing else { return false }
      return intents.contains(step.id) && !markers.contains(step.id)
    }?.id
  }

  /// The steps in the order of their first intents.
  var intents: [String] { (shown()["residue"]?.array ?? []).compactMap { $0["step"]?.string } }

  /// What is wrong once an engine has ended by itself.
  ///
  /// - Parameter outcome: What the run must be; nil: anything terminal.
  func problemsAtTheEnd(of runbook: Runbook, outcome: String?, kills: Int) -> [String] {
    guard let run = lastRun() else { return ["there is no run"] }
    var problems = problemsOfTheLog()
    if let outcome, run.status != outcome { problems.append("the run is \(run.status), not \(outcome)") }
    if outcome == nil, !Self.terminal.contains(run.status) { problems.append("the run is \(run.status)") }
    problems += oracle.violations(of: runbook, kills: kills, intents: intents)
    if outcome != "interrupted" {
      let markers = markers(of: runbook.ids)
      if markers != runbook.left {
        problems.append("in place are \(markers.sorted()), not \(runbook.left.sorted())")
      }
    }
    let living = RunProcesses.living(of: run.id)
    if !living.isEmpty { problems.append("processes \(living) of the run are alive") }
    return problems
  }

  private func problemsOfTheLog() -> [String] {
    let result = belay("audit", "verify")
    return result.status == 0 ? [] : ["the log is not intact: \(result)"]
  }
}
