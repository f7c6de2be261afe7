import Journal
import RunEngine
import RunbookExecutor
import Synchronization

/// How an attempt to run a program elsewhere came out.
enum FarEnd {
  /// It ended, or nobody knows how.
  case ended(ActionEnd, [SmallOutput], lost: String?)
  /// Nothing was started there.
  case refused(String)
  /// Nothing was started, because there is no `sh`.
  case withoutShell
}

/// Takes what the client of a far program writes, talks to the wrapper there, and says how the program ended.
final class FarObserver: ProcessObserver {
  private struct State {
    var filter: MarkFilter
    /// The wrapper has said that it is there.
    var isReady = false
    var process: RunningProcess?
    var isStopped = false
    /// The program's exit status, as the wrapper reported it.
    var status: Int?
    var problem: String?
    var notes: [String] = []
    /// The end of what the client itself said.
    var clientText: [UInt8] = []
  }

  /// How much of what the client says is kept, in bytes.
  private static let longestClientText = 2_000
  /// How long the client may go on after the program ended: output may still be on its way. In milliseconds.
  static let lingering: Int64 = 30_000

  private let program: FarProgram
  private let supervisor: ProcessSupervisor
  private let output: OutputCapture
  private let errors: OutputCapture
  private let began = monotonicMilliseconds()
  private let begun: @Sendable (ProcessIdentity) -> Void
  private let report: @Sendable (FarEnd) -> Void
  private let state: Mutex<State>

  init(
    _ program: FarProgram, supervisor: ProcessSupervisor, output: OutputCapture, errors: OutputCapture,
    started: @escaping @Sendable (ProcessIdentity) -> Void, ended: @escaping @Sendable (FarEnd) -> Void
  ) {
    self.program = program
    self.supervisor = supervisor
    self.output = output
    self.errors = errors
    self.begun = started
    self.report = ended
    state = Mutex(State(filter: MarkFilter(nonce: program.nonce)))
  }

  /// Says which process the client is; the wrapper may have been heard before.
  func attach(_ process: RunningProcess) {
    let isReady = state.withLock { state in
      state.process = process
      return state.isReady
    }
    if isReady { supervisor.send(program.message, to: process) }
  }

  /// It is about to be stopped: what was not started then was not refused.
  func willStop() { state.withLock { $0.isStopped = true } }

  func started(_ identity: ProcessIdentity) { begun(identity) }

  func output(_ bytes: UnsafeRawBufferPointer, from stream: OutputStream) {
    if stream == .stdout {
      // Before the wrapper is there it is the login shell's own chatter.
      if state.withLock({ $0.isReady }) { output.write(bytes) }
      return
    }
    for piece in state.withLock({ $0.filter.take(bytes) }) { take(piece) }
  }

  private func take(_ piece: MarkFilter.Piece) {
    switch piece {
    case .text(let bytes):
      let isProgram = state.withLock { state in
        if state.isReady, state.status == nil { return true }
        state.clientText = (state.clientText + bytes).suffix(Self.longestClientText)
        return false
      }
      if isProgram { bytes.withUnsafeBytes { errors.write($0) } }
    case .mark("ready"):
      let process = state.withLock { state in
        state.isReady = true
        return state.process
      }
      if let process { supervisor.send(program.message, to: process) }
    case .mark("left"):
      state.withLock { $0.notes.append("it left processes of its group behind, which were ended") }
    case .mark("ungrouped"):
      state.withLock {
        $0.notes.append("the shell there can make no process group: what the program started may still be running")
      }
    case .mark(let mark):
      let process = state.withLock { state -> RunningProcess? in
        if let problem = program.problem(of: mark) { state.problem = problem }
        guard mark.hasPrefix("exit "), let status = Int(mark.dropFirst(5)) else { return nil }
        state.status = status
        return state.process
      }
      if let process { supervisor.stop(process, grace: Self.lingering) }
    }
  }

  func ended(_ end: ProcessEnd) {
    for piece in state.withLock({ $0.filter.finish() }) { take(piece) }
    let stdout = output.finish()
    let stderr = errors.finish()
    let state = state.withLock { $0 }
    let duration = monotonicMilliseconds() - began
    if let problem = state.problem { return report(.refused(problem)) }
    guard state.isReady else {
      if state.isStopped { return report(.ended(ActionEnd(.cancelled, duration: duration), [], lost: nil)) }
      let said = String(decoding: state.clientText, as: UTF8.self)
      return report(isWithoutShell(end, said) ? .withoutShell : .refused(unreached(end, said)))
    }
    var notes = state.notes
    let lost = stdout.lost ?? stderr.lost
    guard let status = state.status else {
      let last = stderr.output.text.split(separator: "\n").last.map { ": \($0.prefix(200))" } ?? ""
      let reason = "the connection to \(program.place.description) was lost, \(Self.describe(end))\(last)"
      return report(.ended(ActionEnd(.unanswered(reason), duration: duration, notes: notes), [], lost: lost))
    }
    if case .signalled = end.status { notes.append("the connection did not close by itself: output may be missing") }
    report(
      .ended(
        ActionEnd(
          .exited(status: status, stdout: stdout.output, stderr: stderr.output), duration: duration, notes: notes),
        [stdout.small, stderr.small].compactMap { $0 }, lost: lost))
  }

  /// Container runtimes say it in words of their own, with the exit status of a shell for what cannot be run.
  private func isWithoutShell(_ end: ProcessEnd, _ said: String) -> Bool {
    guard case .pod = program.place, case .exited(let status) = end.status, status != 0 else { return false }
    return said.contains("\"sh\": executable file not found") || said.contains("exec: \"sh\"")
      || said.contains("sh: no such file or directory")
  }

  private func unreached(_ end: ProcessEnd, _ said: String) -> String {
    let lines = said.split(whereSeparator: \.isNewline).suffix(3).joined(separator: "; ")
    return "\(program.place.description) cannot be reached, \(Self.describe(end))" + (lines.isEmpty ? "" : ": \(lines)")
  }

  private static func describe(_ end: ProcessEnd) -> String {
    switch end.status {
    case .exited(let status): "the client ended with status \(status)"
    case .signalled(let signal): "the client was ended by signal \(signal)"
    case .unended: "the client did not end on KILL"
    }
  }
}
