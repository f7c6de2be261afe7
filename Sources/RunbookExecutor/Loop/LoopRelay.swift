/// Lets two threads do one piece of work by turns, so that what holds up one of them does not hold up the work.
///
/// The second thread is made when it is needed for the first time.
final class LoopRelay: @unchecked Sendable {
  static let threads = 2

  /// Held by the thread whose turn it is. What changes is touched only then.
  private let turn = Monitor()
  private var hasSecond = false
  private var isSecondGone = false
  private var work: @Sendable () -> Void = {}

  /// Does the work on this thread, and returns when no thread is at it any more.
  func run(_ work: @escaping @Sendable () -> Void) {
    turn.lock()
    self.work = work
    work()
    while hasSecond, !isSecondGone { turn.wait() }
    self.work = {}
    turn.unlock()
  }

  /// Does something else, called from within the work, while the other thread goes on with that; it may be over
  /// when this returns.
  func stepAside(for errand: () -> Void) {
    if !hasSecond { hasSecond = DedicatedThread.start { self.runSecond() } }
    // Without a second thread nobody could go on.
    guard hasSecond else { return errand() }
    turn.unlock()
    errand()
    turn.lock()
  }

  private func runSecond() {
    turn.lock()
    work()
    isSecondGone = true
    turn.signal()
    turn.unlock()
  }
}
