import RunEngine
import Synchronization

/// Holds where answers go until it is known.
final class AnswerBox: Sendable {
  private let target = Mutex<(@Sendable (RunEvent) -> Void)?>(nil)

  /// Says where answers go.
  func set(_ answer: @escaping @Sendable (RunEvent) -> Void) { target.withLock { $0 = answer } }

  /// Hands an answer over.
  func send(_ event: RunEvent) { target.withLock { $0 }?(event) }
}
