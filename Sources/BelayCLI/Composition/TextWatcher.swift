import CanonicalJSON
import Journal
import Presentation
import RunEngine
import RunbookExecutor

/// Shows a run to a person as it goes on.
final class TextWatcher: RunObserver {
  private var progress: RunProgressText
  private let summary: RunSummary
  private let quiet: Bool

  init(quiet: Bool, colour: Bool, showsQuestions: Bool, isDryRun: Bool) {
    self.progress = RunProgressText(colour: colour, showsQuestions: showsQuestions, namesEvidence: isDryRun)
    self.summary = RunSummary(colour: colour)
    self.quiet = quiet
  }

  func committed(_ records: [CommittedEvent], state: RunState) {
    guard !quiet else { return }
    var text = ""
    for record in records {
      for line in progress.lines(record.event, at: record.time, state: state) { text += line + "\n" }
    }
    if !text.isEmpty { Terminal.standardOutput.write(text) }
  }

  func reported(_ message: String) {
    Terminal.standardError.write("! \(RunWords.marked(message))\n")
  }

  /// Shows what the run came to.
  func finish(_ state: RunState, _ mode: RunMode) {
    if quiet, state.isTerminal, state.provisionalOutcome == .succeeded { return }
    let lines = summary.lines(state, isDryRun: mode == .dryRun)
    Terminal.standardOutput.write((quiet ? "" : "\n") + lines.joined(separator: "\n") + "\n")
  }
}

/// Writes a run's events as they become durable, one JSON object a line.
final class JSONWatcher: RunObserver {
  func committed(_ records: [CommittedEvent], state: RunState) {
    var bytes: [UInt8] = []
    for record in records {
      let body = RunEventCodec.encode(record.event, in: state)
      var members: [JSON.Member] = [
        .init("data", body.data), .init("run", .string(state.run.id)), .init("seq", .int(record.sequence)),
        .init("ts", .int(record.time)), .init("type", .string(body.type)),
      ]
      if let step = body.step { members.append(.init("step", .string(step))) }
      if let attempt = body.attempt { members.append(.init("attempt", .int(attempt))) }
      if let actor = body.actor { members.append(.init("actor", .string(actor))) }
      JSON.object(members).appendCanonical(to: &bytes)
      bytes.append(UInt8(ascii: "\n"))
    }
    // The lines are displayed as they are: what they hold is not for the terminal to follow.
    _ = Terminal.standardOutput.write(JSON.displayable(String(decoding: bytes, as: UTF8.self)))
  }

  func reported(_ message: String) {
    Terminal.standardError.write("! \(RunWords.marked(message))\n")
  }
}
