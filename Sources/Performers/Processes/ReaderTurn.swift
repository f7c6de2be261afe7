import RunbookExecutor

/// Whose turn it is to wait for what programs write and how they end.
///
/// While several programs run, a thread that waits for their ends (the guest: a run's loop) sees them itself: waking it
/// would cost a processor that the programs need. While it is busy with what came, the reader thread leaves it the turn
/// for a moment, and then takes it: no output waits for longer than that, however slow a disk is.
final class ReaderTurn: @unchecked Sendable {
  private enum Holder {
    case nobody, reader, guest
  }

  /// How long a guest may be away, in milliseconds.
  private static let absence: Int64 = 2
  /// After how long a wait of the guest's the reader sleeps until it is woken, in milliseconds.
  private static let restlessness: Int64 = 20

  // What changes is touched only with `monitor` held.
  private let monitor = Monitor()
  private var holder = Holder.nobody
  /// Until when the turn is left to the guest; nil where the reader takes it as soon as it is free.
  private var resting: MonotonicTime?
  /// From when on the reader does not look by itself whether the guest still waits.
  private var sleepsFrom = MonotonicTime.now
  private var isAsleep = false
  private var hasGuest = false
  private var isOver = false

  var isTaken: Bool {
    monitor.lock()
    defer { monitor.unlock() }
    return holder != .nobody
  }

  func takeAsGuest() -> Bool {
    monitor.lock()
    defer { monitor.unlock() }
    hasGuest = true
    guard holder == .nobody, !isOver else { return false }
    holder = .guest
    sleepsFrom = MonotonicTime(in: Self.restlessness)
    return true
  }

  func leaveAsGuest() {
    monitor.lock()
    holder = .nobody
    resting = MonotonicTime(in: Self.absence)
    if isAsleep { monitor.signal() }
    monitor.unlock()
  }

  /// The guest does not come back.
  func leaveToReader() {
    monitor.lock()
    if resting != nil {
      resting = nil
      monitor.signal()
    }
    monitor.unlock()
  }

  /// Waits until the turn is free and no guest is expected.
  func takeAsReader() {
    monitor.lock()
    defer { monitor.unlock() }
    while true {
      switch holder {
      case .guest:
        isAsleep = sleepsFrom < .now
        if isAsleep { monitor.wait() } else { _ = monitor.wait(until: MonotonicTime(in: Self.absence)) }
        isAsleep = false
      case .nobody, .reader:
        if let resting, !isOver, .now < resting {
          _ = monitor.wait(until: resting)
        } else {
          resting = nil
          holder = .reader
          return
        }
      }
    }
  }

  /// - Parameter rests: Whether something has ended: a guest that waited for it is busy now, and will be back.
  func leaveAsReader(rests: Bool) {
    monitor.lock()
    holder = .nobody
    resting = rests && hasGuest ? MonotonicTime(in: Self.absence) : nil
    monitor.unlock()
  }

  /// Gives the reader every turn from now on.
  func endRests() {
    monitor.lock()
    isOver = true
    monitor.signal()
    monitor.unlock()
  }
}
