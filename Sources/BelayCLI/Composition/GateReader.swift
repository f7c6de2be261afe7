import Glibc
import Journal
import Presentation
import RunEngine
import RunbookExecutor

/// Finds the gates at which runs wait.
struct GateReader {
  let store: JournalStore

  /// All open gates, the oldest run's first.
  func rows() throws -> [GateTable.Row] {
    do {
      return try store.runs().reversed().flatMap { entry -> [GateTable.Row] in
        guard let run = try? StoredRun(entry.id, in: store), run.mode == .live, !run.state.isTerminal else { return [] }
        let isAlive = store.isEngineAlive(run: entry.id)
        return run.state.openGates.map {
          GateTable.Row(state: run.state, step: $0.step, gate: $0.gate, isAlive: isAlive)
        }
      }
    } catch {
      throw CommandFault(message: "\(error)", status: .fault)
    }
  }

  /// The open gate of a run that a text means; nil means the only one.
  func visit(_ id: String, _ step: String?) throws -> GateVisit {
    let name = try RunReader.resolve(id, in: store)
    do {
      let run = try StoredRun(name, in: store)
      let gates = run.state.openGates
      let known = gates.map { run.state.path(of: $0.step) }
      guard !gates.isEmpty else {
        let why = run.state.isTerminal ? "it is over" : "`belay show \(name)` says where it is"
        throw CommandFault(message: "run \(name) waits for no approval: \(why)", status: .usage)
      }
      // By the name, or by the address that records have: `finally.tell` too.
      let addresses = gates.map { RunEventCodec.address($0.step, run.state) }
      let found = step.map { known.firstIndex(of: $0) ?? addresses.firstIndex(of: $0) }
      guard let place = found ?? (gates.count == 1 ? 0 : nil) else {
        let problem = step.map { "`\($0)` waits for no approval" } ?? "several steps wait"
        throw CommandFault(message: "\(problem); those that do: \(known.joined(separator: ", "))", status: .usage)
      }
      return try GateVisit(run, gates[place].step, gates[place].gate, in: store)
    } catch let fault as CommandFault {
      throw fault
    } catch {
      throw CommandFault(message: "\(error)", status: .fault)
    }
  }
}

extension GateVisit {
  /// What an approver is shown.
  func lines(colour: Bool) -> [String] {
    let seen = dryRun.map { dryRun -> GateText.DryRun in
      let path = run.state.path(of: step)
      let same = dryRun.run.state.stepsInOrder.first { dryRun.run.state.path(of: $0) == path }
      let status = same.map { dryRun.run.state.status(of: $0).rawValue } ?? "not reached"
      let evidence = same.map { RunWords.mark(dryRun.run.state.steps[Int($0.value)].evidence) } ?? ""
      // What its own dry run, or what it looked at, came to.
      let ends = dryRun.run.entries.compactMap { entry -> String? in
        guard case .actionEnded(let id, let end) = entry.event, let same, id.step == same else { return nil }
        let address = RunEventCodec.address(id, dryRun.run.state)
        return "\(address): \(RunReport.describe(end))" + end.notes.map { "; " + $0 }.joined()
      }
      return GateText.DryRun(
        run: dryRun.mark.run, outcome: dryRun.run.state.provisionalOutcome?.rawValue ?? "not over",
        step: [status + evidence] + ends)
    }
    return GateText(colour: colour).lines(
      gate.request, run: run.state.run.id, run.state.plan, description.step, run.state.step(step),
      GateText.Standing(run.state, step, gate, dryRun: seen))
  }
}
