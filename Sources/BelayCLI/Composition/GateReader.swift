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
          GateTable.Row(
            state: run.state, step: $0.step, gate: $0.gate, isAlive: isAlive, isOver: $0.gate.request.isOver)
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

extension ApprovalRequest {
  /// Whether the time to approve it is over.
  var isOver: Bool { expires.map { $0 < SystemClock().wall() } ?? false }

  /// - Throws: Where it is over; nobody signs in vain.
  func checkTime() throws {
    guard isOver, let expires else { return }
    throw CommandFault(message: "it is too late: the wait was over at \(RunWords.time(expires))", status: .usage)
  }
}

extension GateVisit {
  /// What an approver is shown.
  func lines(colour: Bool, _ store: JournalStore) throws -> [String] {
    let unheard = try unheard(Approvals.count(run.state.run, store))
    return GateText(colour: colour).lines(
      gate.request, run: run.state.run.id, run.state.plan, description.step, run.state.step(step),
      GateText.Standing(run.state, step, gate, unheard: unheard), dryRun: seen, isOver: gate.request.isOver)
  }

  /// What the dry run came to at the gate's step; nil where there was none.
  private var seen: GateText.DryRun? { dryRun.map { GateText.DryRun($0.findings, of: $0.mark.run) } }
}

extension GateText.DryRun {
  /// What a dry run found, in words.
  init(_ findings: DryRunFindings, of run: String) {
    self.init(
      run: run, outcome: findings.outcome,
      status: findings.status + (findings.evidence.map { RunWords.mark($0) } ?? ""),
      findings: findings.findings.map { finding in
        let rest = finding.left > 0 ? ["… \(finding.left) bytes more: belay logs \(run)"] : []
        return (["\(finding.address): \(finding.end)"] + finding.written.map(Self.trimmed) + rest).joined(
          separator: "\n")
      })
  }

  private static func trimmed(_ text: String) -> String { text.last == "\n" ? String(text.dropLast()) : text }
}
