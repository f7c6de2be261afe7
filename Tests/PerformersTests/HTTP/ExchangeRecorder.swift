import Performers
import Synchronization

/// Keeps what an exchange brought, for tests that await it.
final class ExchangeRecorder: HTTPObserver {
  private struct State {
    var body: [UInt8] = []
    var byteCount = 0
    var ends: [HTTPEnd] = []
    var bodyAfterEnd = false
    var waiting: [(needsBody: Bool, continuation: CheckedContinuation<Void, Never>)] = []

    mutating func takeReady() -> [CheckedContinuation<Void, Never>] {
      let hasEnded = !ends.isEmpty
      let ready = waiting.filter { hasEnded || $0.needsBody && byteCount > 0 }
      waiting.removeAll { hasEnded || $0.needsBody && byteCount > 0 }
      return ready.map(\.continuation)
    }
  }

  private let state = Mutex(State())
  private let keepsBody: Bool

  init(keepsBody: Bool = true) { self.keepsBody = keepsBody }

  func body(_ bytes: UnsafeRawBufferPointer) {
    update { state in
      state.byteCount += bytes.count
      if !state.ends.isEmpty { state.bodyAfterEnd = true }
      if keepsBody { state.body += bytes }
    }
  }

  func ended(_ end: HTTPEnd) { update { $0.ends.append(end) } }

  var text: String { state.withLock { String(decoding: $0.body, as: UTF8.self) } }
  var byteCount: Int { state.withLock { $0.byteCount } }
  var endCount: Int { state.withLock { $0.ends.count } }
  var heardBodyAfterEnd: Bool { state.withLock { $0.bodyAfterEnd } }

  /// Waits for the end.
  func end() async -> HTTPEnd {
    await wait(needsBody: false)
    return state.withLock { $0.ends[0] }
  }

  /// Waits for a part of the body, or the end.
  func firstPart() async { await wait(needsBody: true) }

  private func update(_ change: (inout State) -> Void) {
    let ready = state.withLock { state in
      change(&state)
      return state.takeReady()
    }
    for continuation in ready { continuation.resume() }
  }

  private func wait(needsBody: Bool) async {
    await withCheckedContinuation { continuation in
      state.withLock { $0.waiting.append((needsBody, continuation)) }
      update { _ in }
    }
  }
}

extension HTTPEnd {
  var status: Int? {
    if case .answered(let status, _, _) = self { status } else { nil }
  }

  var headers: [(String, String)] {
    if case .answered(_, let headers, _) = self { headers } else { [] }
  }

  var certificateExpires: Int64? {
    if case .answered(_, _, let expires) = self { expires } else { nil }
  }

  var failure: String? {
    if case .failed(let reason, _) = self { reason } else { nil }
  }

  var isCancelled: Bool {
    if case .cancelled = self { true } else { false }
  }
}

extension HTTPExchange {
  /// Sends a request and waits for its end.
  func send(_ spec: HTTPRequestSpec) async -> (end: HTTPEnd, recorder: ExchangeRecorder) {
    let recorder = ExchangeRecorder()
    _ = start(spec, observer: recorder)
    return (await recorder.end(), recorder)
  }
}
