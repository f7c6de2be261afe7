import RunEngine
import RunbookExecutor
import Synchronization

/// Hears from a tunnel's client that it is open, and how it ended.
final class TunnelObserver: ProcessObserver {
  private struct State {
    /// What is left of the last line on standard output.
    var line: [UInt8] = []
    /// The end of what it said about mistakes.
    var errors: [UInt8] = []
    var isOpen = false
  }

  /// How much of what the client says is kept, in bytes.
  private static let longestText = 2_000

  private let client: TunnelClient
  private let began = monotonicMilliseconds()
  private let begun: @Sendable (ProcessIdentity) -> Void
  private let opened: @Sendable (Int64) -> Void
  private let report: @Sendable (ActionEnd, _ wasOpen: Bool) -> Void
  private let state = Mutex(State())

  init(
    _ client: TunnelClient, started: @escaping @Sendable (ProcessIdentity) -> Void,
    opened: @escaping @Sendable (Int64) -> Void, ended: @escaping @Sendable (ActionEnd, _ wasOpen: Bool) -> Void
  ) {
    self.client = client
    self.begun = started
    self.opened = opened
    self.report = ended
  }

  func started(_ identity: ProcessIdentity) { begun(identity) }

  func output(_ bytes: UnsafeRawBufferPointer, from stream: OutputStream) {
    guard stream == .stdout else {
      return state.withLock { $0.errors = ($0.errors + bytes).suffix(Self.longestText) }
    }
    let port = state.withLock { state -> Int64? in
      if state.isOpen { return nil }
      state.line = (state.line + bytes).suffix(Self.longestText)
      while let end = state.line.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: state.line[..<end], as: UTF8.self)
        state.line.removeFirst(end + 1)
        guard let port = client.openPort(in: Substring(line)) else { continue }
        state.isOpen = true
        return port
      }
      return nil
    }
    if let port { opened(port) }
  }

  func ended(_ end: ProcessEnd) {
    let state = state.withLock { $0 }
    let said = String(decoding: state.errors, as: UTF8.self).split(whereSeparator: \.isNewline).suffix(2)
    let how: String =
      switch end.status {
      case .exited(let status): "\(client.name) ended with status \(status)"
      case .signalled(let signal): "\(client.name) was ended by signal \(signal)"
      case .unended: "\(client.name) did not end on KILL"
      }
    let reason = how + (said.isEmpty ? "" : ": " + said.joined(separator: "; "))
    report(ActionEnd(.unanswered(reason), duration: monotonicMilliseconds() - began), state.isOpen)
  }
}
