import ArgumentParser
import CanonicalJSON
import Journal
import Presentation
import RunEngine

struct LogsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logs", abstract: "Shows what a run's programs and requests gave back.",
    discussion: "Secrets have been taken out before anything was stored.")

  @Argument(
    help: ArgumentHelp("The run's id, the beginning of it, or `last`.", valueName: "run"),
    completion: .custom(Completions.runs))
  var id: String

  @Argument(help: "Only this step.", completion: .custom(Completions.steps))
  var step: String?

  @OptionGroup var report: ReportOptions
  @OptionGroup var store: StoreOptions

  private struct Output {
    var attempt: RunHistory.Attempt
    var stream: String
    var captured: CapturedOutput
  }

  func run() throws {
    let reader = try RunReader(store)
    let history = try reader.history(id)
    if let step, !history.state.stepsInOrder.contains(where: { Self.isMeant(history.state.path(of: $0), step) }) {
      throw CommandFault(message: "the run has no step \(step)", status: .usage)
    }
    let outputs = history.attempts.filter { attempt in
      guard let step else { return true }
      return attempt.id.step.map { Self.isMeant(history.state.path(of: $0), step) } ?? false
    }.flatMap(Self.outputs)
    switch report.format {
    case .text: for output in outputs { try write(output, reader.store) }
    case .json:
      let json = JSON.array(outputs.map(Self.json))
      Terminal.standardOutput.write(json.prettyText() + "\n")
    }
  }

  /// Whether a step is the one asked for, or stands inside it.
  private static func isMeant(_ path: String, _ asked: String) -> Bool {
    path == asked || path.hasPrefix(asked + "/") || path.hasPrefix(asked + "[")
  }

  private static func outputs(_ attempt: RunHistory.Attempt) -> [Output] {
    attempt.end.captured.filter { $0.output.bytes > 0 }.map {
      Output(attempt: attempt, stream: $0.name, captured: $0.output)
    }
  }

  private func write(_ output: Output, _ store: JournalStore) throws {
    let terminal = Terminal.standardOutput
    let words = RunWords(colour: terminal.wantsColour)
    let serial = output.attempt.id.serial > 1 ? " #\(output.attempt.id.serial)" : ""
    terminal.write(
      words.paint("── \(output.attempt.address)\(serial) \(output.stream), \(output.captured.bytes) bytes", .dim) + "\n"
    )
    guard let sha256 = output.captured.sha256 else { return }
    guard output.captured.isKept else {
      terminal.write("not kept; SHA-256 \(sha256)\n")
      return
    }
    var last: UInt8 = 0
    do {
      try store.output(sha256) { bytes in
        last = bytes.last ?? last
        if terminal.isTerminal {
          // What a program wrote must not steer the terminal of the one who reads it.
          terminal.write(RunWords.harmless(String(decoding: bytes, as: UTF8.self)))
        } else {
          terminal.write(bytes)
        }
      }
    } catch let error as JournalError where error.isOutputLost {
      // Those that are there are shown all the same.
      terminal.write("\(RunWords.harmless("\(error)"))\n")
      return
    } catch {
      throw CommandFault(message: "\(error)", status: .fault)
    }
    if last != UInt8(ascii: "\n") { terminal.write("\n") }
  }

  private static func json(_ output: Output) -> JSON {
    .object([
      .init("address", .string(output.attempt.address)), .init("seq", .int(output.attempt.sequence)),
      .init("attempt", .int(Int64(output.attempt.id.serial))), .init("stream", .string(output.stream)),
      .init("bytes", .int(output.captured.bytes)), .init("sha256", .string(output.captured.sha256 ?? "")),
      .init("text", .string(output.captured.text)), .init("truncated", .bool(output.captured.truncated)),
      .init("kept", .bool(output.captured.isKept)),
    ])
  }
}
