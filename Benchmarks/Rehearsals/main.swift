// How many simulated steps a second one processor rehearses, within one process: neither starting nor planning counts.
//
//   RehearsalBenchmark KIND STEPS PLAYS
//
// KIND: `observing` steps; `changing` ones, each with a way back; `undone`, changing ones of which the last fails; `checked`,
// changing ones with an expression, an output and a verification.

import Diagnostics
import Glibc
import Rehearsal
import RunbookParser

private struct Project: ProjectSources {
  let text: String

  var settings: SourceText? { nil }
  func library(named name: String) -> SourceText? { nil }
  func runbook(named name: String) -> SourceText? { SourceText(name: "\(name).yaml", text: text) }
  func file(at path: String) -> SourceText? { nil }
}

private func runbook(_ kind: String, _ count: Int) -> String {
  var text = "belay: 1\nname: main\nversion: 1.0.0\non-failure: rollback\nsteps:\n"
  for number in 0..<count {
    text += "  - {id: s\(number), exec: [/bin/true"
    switch kind {
    case "observing": text += "], effect: observe}\n"
    case "checked":
      text +=
        ", \"${{ run.id }}\"], repeatable: true, verify: [{exec: [/bin/true]}], outputs: {of: {type: string, value: run.id}}, "
      text += "rollback: {exec: [/bin/true]}}\n"
    default: text += "], repeatable: true, rollback: {exec: [/bin/true]}}\n"
    }
  }
  return text
}

private func processorTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

let arguments = CommandLine.arguments
guard arguments.count == 4, let steps = Int(arguments[2]), let plays = Int(arguments[3]), steps > 0, plays > 0 else {
  fatalError("usage: RehearsalBenchmark observing|changing|undone|checked STEPS PLAYS")
}
let kind = arguments[1]
var scenario = "rehearsal: 1\nrunbook: main\nname: a night\n"
if kind == "undone" { scenario += "faults: [{at: steps.s\(steps - 1), kind: exit}]\n" }
let (planned, diagnostics) = RunbookCompiler.rehearsal(
  SourceText(name: "scenario.yaml", text: scenario), project: Project(text: runbook(kind, steps)))
guard let planned else { fatalError("\(diagnostics.map(\.message))") }

var performed = 0
let begun = processorTime()
for _ in 0..<plays {
  let result = RehearsedRun(planned).play()
  guard result.hasPassed, result.events.count >= 3 * steps else { fatalError("it did not come to its end") }
  performed += result.order.count
}
let taken = processorTime() - begun
print(Int(Double(performed) / taken))
