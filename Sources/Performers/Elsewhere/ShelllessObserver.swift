import Journal
import RunEngine
import RunbookExecutor
import Synchronization

/// Takes what a program writes that runs in a container without a shell, and says how it ended, as far as that is known.
///
/// `kubectl exec` gives the program's exit status as its own, and says so on standard error; a status that it does not say
/// so of is that of its own failure.
final class ShelllessObserver: ProcessObserver {
  private let place: ResolvedPlace
  private let output: OutputCapture
  private let errors: OutputCapture
  private let began = monotonicMilliseconds()
  private let begun: @Sendable (ProcessIdentity) -> Void
  private let report: @Sendable (ActionEnd, [SmallOutput], _ lost: String?) -> Void
  /// The end of standard error.
  private let tail = Mutex<[UInt8]>([])

  init(
    on place: ResolvedPlace, output: OutputCapture, errors: OutputCapture,
    started: @escaping @Sendable (ProcessIdentity) -> Void,
    ended: @escaping @Sendable (ActionEnd, [SmallOutput], _ lost: String?) -> Void
  ) {
    self.place = place
    self.output = output
    self.errors = errors
    self.begun = started
    self.report = ended
  }

  func started(_ identity: ProcessIdentity) { begun(identity) }

  func output(_ bytes: UnsafeRawBufferPointer, from stream: OutputStream) {
    if stream == .stdout { return output.write(bytes) }
    tail.withLock { $0 = ($0 + bytes).suffix(100) }
    errors.write(bytes)
  }

  func ended(_ end: ProcessEnd) {
    let stdout = output.finish()
    let stderr = errors.finish()
    let last = tail.withLock { String(decoding: $0, as: UTF8.self) }.split(separator: "\n").last ?? ""
    let doubt = "there is no sh in \(place.description) that would end the program: it may still be running"
    let ending: ActionEnd.Ending
    var notes: [String] = []
    switch end.status {
    case .exited(let status) where status == 0 || last == "command terminated with exit code \(status)":
      ending = .exited(status: Int(status), stdout: stdout.output, stderr: stderr.output)
    case .exited(let status): ending = .unanswered("the client ended with status \(status): \(last); \(doubt)")
    case .signalled(let signal):
      ending = .signalled(signal: Int(signal), stdout: stdout.output, stderr: stderr.output)
      notes.append(doubt)
    case .unended: ending = .unanswered("the client did not end on KILL; \(doubt)")
    }
    var outputs: [SmallOutput] = []
    if case .unanswered = ending {} else { outputs = [stdout.small, stderr.small].compactMap { $0 } }
    report(
      ActionEnd(ending, duration: monotonicMilliseconds() - began, notes: notes), outputs, stdout.lost ?? stderr.lost)
  }
}
