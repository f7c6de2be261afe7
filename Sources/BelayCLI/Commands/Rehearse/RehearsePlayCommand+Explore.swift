import Diagnostics
import Expressions
import Glibc
import Performers
import Presentation
import Rehearsal
import RunbookExecutor
import RunbookFormatter
import RunbookParser
import Synchronization
import TerminalText

extension RehearsePlayCommand {
  /// Explores each of some rehearsals.
  func explore(_ rehearsals: [(file: String?, planned: PlannedRehearsal)]) throws {
    let meter = Meter(isShown: Terminal.standardError.isTerminal && format == .text)
    var entries: [ExplorationReport.Entry] = []
    if let directory = exploring.write { try makeDirectory(directory) }
    for (file, planned) in rehearsals {
      let exploration = Explorer(
        planned, zones: ZoneFiles.records(of: planned.plan), limit: exploring.cases ?? Explorer.usualLimit
      )
      .explore(pairs: exploring.faults == 2) { count, work in
        meter.begin(count)
        return ParallelMap.map(Array(0..<count), workers: exploring.workers ?? ParallelMap.cores, stride: 1) { number in
          let cases = work(number)
          meter.note(cases)
          return cases
        }
      }
      meter.end()
      let files = try exploring.write.map { try write(exploration, to: $0) } ?? []
      entries.append(
        ExplorationReport.Entry(
          file: file, exploration: exploration, minimum: exploring.minimum, findingFiles: files))
    }
    switch format {
    case .text:
      let lines = ExplorationReport(colour: Terminal.standardOutput.wantsColour).lines(entries)
      Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n")
    case .json: Terminal.standardOutput.write(ExplorationReport.json(entries).prettyText() + "\n")
    case .junit: Terminal.standardOutput.write(ExplorationReport.junit(entries))
    }
    if !entries.allSatisfy(\.hasPassed) { throw ExitStatus.failed }
  }

  /// Makes the directory that scenarios are written to.
  private func makeDirectory(_ directory: String) throws {
    if mkdir(directory, 0o777) != 0, errno != EEXIST {
      throw CommandFault(message: "\(directory): \(String(cString: strerror(errno)))", status: .usage)
    }
  }

  /// Writes a scenario for each finding; the files, in their order. A file that is there stays as it is.
  private func write(_ exploration: Exploration, to directory: String) throws -> [String] {
    let isKnown = FileProject.of(directory + "/x").runbook(named: exploration.plan.name) != nil
    if !isKnown, !exploration.findings.isEmpty {
      Terminal.standardError.write(
        TerminalText.harmless(
          "note: from \(directory) the runbook \(exploration.plan.name) is not found: it belongs in a folder of the project\n"
        ))
    }
    return try exploration.findings.map { finding in
      let address = String(finding.key.address.map { "/[]".contains($0) ? "-" : $0 })
      let text = ScenarioText.write(
        finding.scenario, of: exploration.plan, remarks: ["\(finding.key.address): \(finding.message)."])
      let bytes = Array((RunbookFormatter.format(SourceText(name: "scenario.yaml", text: text)).text ?? text).utf8)
      let stem = "\(directory)/\(exploration.plan.name)-\(finding.key.kind.rawValue)-\(address)"
      var path = stem + ".yaml"
      var number = 1
      while access(path, F_OK) == 0 {
        if try WholeFile.read(path) == bytes { return path }
        number += 1
        path = "\(stem)-\(number).yaml"
      }
      try WholeFile.write(path, isShared: true) { try $0(bytes) }
      return path
    }
  }
}

/// Shows on a terminal how far an exploration has come.
private final class Meter: Sendable {
  private struct Count {
    var done = 0
    var all = 0
    var states = 0
    var shownAt: Int64 = 0
  }

  private let isShown: Bool
  private let count = Mutex(Count())

  init(isShown: Bool) { self.isShown = isShown }

  func begin(_ all: Int) {
    count.withLock { count in
      count.done = 0
      count.all = all
    }
  }

  func note(_ cases: ExploredCases) {
    guard isShown else { return }
    count.withLock { count in
      count.done += 1
      count.states += cases.states
      let now = SystemClock().wall()
      guard now - count.shownAt >= 100 else { return }
      count.shownAt = now
      Terminal.standardError.write("\r\u{1B}[K\(count.done) of \(count.all) parts, \(count.states) states")
    }
  }

  func end() { if isShown { Terminal.standardError.write("\r\u{1B}[K") } }
}
