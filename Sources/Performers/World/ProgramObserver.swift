import Journal
import RunEngine
import RunbookExecutor

/// Takes what a program writes, and says how it ended.
final class ProgramObserver: ProcessObserver {
  private let output: OutputCapture
  private let errors: OutputCapture
  private let began = monotonicMilliseconds()
  private let begun: @Sendable (ProcessIdentity) -> Void
  private let report: @Sendable (ActionEnd, [SmallOutput], _ lost: String?) -> Void

  init(
    output: OutputCapture, errors: OutputCapture, started: @escaping @Sendable (ProcessIdentity) -> Void,
    ended: @escaping @Sendable (ActionEnd, [SmallOutput], _ lost: String?) -> Void
  ) {
    self.output = output
    self.errors = errors
    self.begun = started
    self.report = ended
  }

  func started(_ identity: ProcessIdentity) { begun(identity) }

  func output(_ bytes: UnsafeRawBufferPointer, from stream: OutputStream) {
    switch stream {
    case .stdout: output.write(bytes)
    case .stderr: errors.write(bytes)
    }
  }

  func ended(_ end: ProcessEnd) {
    let stdout = output.finish()
    let stderr = errors.finish()
    let ending: ActionEnd.Ending =
      switch end.status {
      case .exited(let status): .exited(status: Int(status), stdout: stdout.output, stderr: stderr.output)
      case .signalled(let signal): .signalled(signal: Int(signal), stdout: stdout.output, stderr: stderr.output)
      case .unended: .signalled(signal: 9, stdout: stdout.output, stderr: stderr.output)
      }
    var notes: [String] = []
    if case .unended = end.status { notes.append("the program did not end on KILL and may still be running") }
    if end.leftGroupMembers { notes.append("it left processes of its session behind, which were ended") }
    if end.pipeHeldOpen { notes.append("a process outside its session kept its output open, which was closed") }
    if end.outlived { notes.append("something of its session could not be ended and may still be running") }
    report(
      ActionEnd(ending, duration: monotonicMilliseconds() - began, notes: notes),
      [stdout.small, stderr.small].compactMap { $0 }, stdout.lost ?? stderr.lost)
  }
}

/// Takes an answer's body, and says how the exchange ended.
final class ExchangeObserver: HTTPObserver {
  private let capture: OutputCapture
  private let redactor: Redactor
  private let began = monotonicMilliseconds()
  private let report: @Sendable (ActionEnd, [SmallOutput], _ lost: String?) -> Void

  init(
    body: OutputCapture, redactor: Redactor,
    ended: @escaping @Sendable (ActionEnd, [SmallOutput], _ lost: String?) -> Void
  ) {
    self.capture = body
    self.redactor = redactor
    self.report = ended
  }

  func body(_ bytes: UnsafeRawBufferPointer) { capture.write(bytes) }

  func ended(_ end: HTTPEnd) {
    let body = capture.finish()
    let ending: ActionEnd.Ending
    var mayHaveReached = true
    switch end {
    case .answered(let status, let headers, let expires):
      ending = .answered(
        HTTPAnswer(
          status: status,
          headers: headers.map { HTTPAnswer.Header(name: $0.0, value: redactor.redact($0.1)) },
          body: body.output, certificateExpires: expires))
    case .failed(let reason, let reached):
      ending = .unanswered(redactor.redact(reason))
      mayHaveReached = reached
    case .cancelled: ending = .cancelled
    }
    report(
      ActionEnd(ending, duration: monotonicMilliseconds() - began, mayHaveReached: mayHaveReached),
      [body.small].compactMap { $0 }, body.lost)
  }
}
