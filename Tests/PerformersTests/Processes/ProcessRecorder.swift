import Glibc
import Performers
import Synchronization

/// Keeps what a program wrote and how it ended, for tests that await the one or the other.
final class ProcessRecorder: ProcessObserver {
  private struct State {
    var output: [UInt8] = []
    var errors: [UInt8] = []
    var byteCount = 0
    var end: ProcessEnd?
    var endCount = 0
    var identity: ProcessIdentity?
    var waiting: [(condition: (State) -> Bool, continuation: CheckedContinuation<Void, Never>)] = []

    mutating func takeReady() -> [CheckedContinuation<Void, Never>] {
      guard !waiting.isEmpty else { return [] }
      let snapshot = self
      var ready: [CheckedContinuation<Void, Never>] = []
      waiting.removeAll { waiter in
        guard waiter.condition(snapshot) else { return false }
        ready.append(waiter.continuation)
        return true
      }
      return ready
    }
  }

  private let state = Mutex(State())
  private let keepsOutput: Bool

  init(keepsOutput: Bool = true) { self.keepsOutput = keepsOutput }

  func started(_ identity: ProcessIdentity) { update { $0.identity = identity } }

  func output(_ bytes: UnsafeRawBufferPointer, from stream: OutputStream) {
    update { state in
      state.byteCount += bytes.count
      guard keepsOutput else { return }
      if stream == .stdout { state.output += bytes } else { state.errors += bytes }
    }
  }

  func ended(_ end: ProcessEnd) {
    update { state in
      state.end = end
      state.endCount += 1
    }
  }

  var identity: ProcessIdentity? { state.withLock { $0.identity } }
  var stdout: String { state.withLock { String(decoding: $0.output, as: UTF8.self) } }
  var stderr: String { state.withLock { String(decoding: $0.errors, as: UTF8.self) } }
  var byteCount: Int { state.withLock { $0.byteCount } }
  var status: ProcessEnd.Status? { state.withLock { $0.end?.status } }
  var endCount: Int { state.withLock { $0.endCount } }

  /// Waits for the end.
  func end() async -> ProcessEnd {
    await wait { $0.end != nil }
    return state.withLock { $0.end } ?? ProcessEnd(status: .unended)
  }

  /// Waits for so many lines on standard output, or for the end, and gives the lines there are.
  func lines(_ count: Int = 1) async -> [String] {
    await wait { state in state.end != nil || state.output.count { $0 == UInt8(ascii: "\n") } >= count }
    return stdout.split(separator: "\n").map(String.init)
  }

  /// Waits for so many bytes, or for the end.
  func bytes(_ count: Int) async { await wait { $0.end != nil || $0.byteCount >= count } }

  private func update(_ change: (inout State) -> Void) {
    let ready = state.withLock { state in
      change(&state)
      return state.takeReady()
    }
    for continuation in ready { continuation.resume() }
  }

  private func wait(until condition: @escaping @Sendable (borrowing State) -> Bool) async {
    await withCheckedContinuation { continuation in
      let isReady = state.withLock { state in
        if condition(state) { return true }
        state.waiting.append((condition, continuation))
        return false
      }
      if isReady { continuation.resume() }
    }
  }
}

/// Kills a process group and reaps those of it that are, or become, children of this process: an exit test waits for
/// its own process in vain while there is another that has ended and is not reaped.
func endGroup(_ leader: Int32) {
  kill(-leader, SIGKILL)
  while waitpid(-leader, nil, 0) > 0 || errno == EINTR {}
}

/// The environment of programs in tests.
let plainEnvironment = EnvironmentBlock([("PATH", "/usr/local/bin:/usr/bin:/bin")])

extension ProcessSupervisor {
  /// Starts a shell script.
  func shell(
    _ script: String, _ recorder: ProcessRecorder, additions: [EnvironmentVariable] = [], directory: String? = nil,
    input: [UInt8]? = nil
  ) throws -> RunningProcess {
    try start(
      ProcessRequest(
        argv: ["sh", "-c", script], environment: plainEnvironment, additions: additions, directory: directory,
        input: input), observer: recorder)
  }

  /// Runs a shell script to its end.
  func run(_ script: String) async throws -> (recorder: ProcessRecorder, end: ProcessEnd) {
    let recorder = ProcessRecorder()
    _ = try shell(script, recorder)
    return (recorder, await recorder.end())
  }
}
