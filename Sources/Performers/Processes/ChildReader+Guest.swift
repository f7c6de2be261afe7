import CProcessShims
import Glibc
import RunbookExecutor
import Synchronization

/// Waiting on a thread that has nothing else to do. See `ReaderTurn`.
extension ChildReader {
  /// How long a thread with nothing else to do looks for the end of the only program, in milliseconds.
  private static let lookout: Int64 = 1
  private static let processors = sysconf(Int32(_SC_NPROCESSORS_ONLN))

  /// Waits and reports on the calling thread; false where it is the reader thread's turn.
  ///
  /// While one program runs there is a processor to spare: for a moment its end is looked for over and over, which sees
  /// it sooner than any thread can be woken. After that the reader thread waits.
  ///
  /// - Parameter forSeveral: Whether more than one thing is awaited, programs that are being started among them.
  func wait(atMost milliseconds: Int64?, forSeveral: Bool, until isReady: () -> Bool) -> Bool {
    guard forSeveral || shared.withLock({ $0.children.count - $0.attended }) > 1 else {
      if milliseconds != 0, looksOut(until: isReady) { return true }
      turn.leaveToReader()
      return false
    }
    guard turn.takeAsGuest() else { return false }
    defer { turn.leaveAsGuest() }
    let end = milliseconds.map { MonotonicTime(in: $0) }
    withUnsafeTemporaryAllocation(of: belay_event.self, capacity: Self.eventsAtOnce) { events in
      while true {
        // What has just been started has its own processor to run on: the time until it ends is free.
        let (own, isOver) = alone {
          settle()
          passWhatIsShared()
          let (isIdle, isOver) = shared.withLock { ($0.children.isEmpty, $0.isShutDown) }
          return (timeout(isIdle: isIdle), isOver)
        }
        let left = end?.left
        if isReady() || left == 0 || isOver { return }
        let limit = left.map { Int32(min($0, Int64(Self.sweepInterval))) } ?? own
        receive(events, atMost: own < 0 ? limit : min(own, limit))
        if isReady() { return }
      }
    }
    return true
  }

  /// Looks for an end for a moment without sleeping; false where none came, or where there is no processor to spare.
  private func looksOut(until isReady: () -> Bool) -> Bool {
    guard Self.processors > 1, shared.withLock({ $0.children.count - $0.attended == 1 && !$0.isShutDown }),
      turn.takeAsGuest()
    else { return false }
    defer { turn.leaveAsGuest() }
    let end = MonotonicTime(in: Self.lookout)
    return withUnsafeTemporaryAllocation(of: belay_event.self, capacity: Self.eventsAtOnce) { events in
      alone {
        settle()
        passWhatIsShared()
      }
      repeat {
        receive(events, atMost: 0)
        if isReady() { return true }
      } while .now < end
      return false
    }
  }
}
