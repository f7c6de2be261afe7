import Glibc
import RunbookExecutor
import Synchronization

/// Staying with a program: the thread that started it, and has time, sees to its end.
///
/// While programs are short, this leaves each thread with the processor of its own program, and no thread has to be woken
/// for an end on another one. Who stays waits for nobody: where another thread is busy with what came, the program is
/// handed over to those who wait at the poller.
extension ChildReader {
  /// Waits for a moment for the end of a program that this thread has just started, and that nobody watches yet; false
  /// where it has to be watched now.
  func stay(with child: SupervisedChild) -> Bool {
    guard attend(child) else { return false }
    var awaited = pollfd(fd: child.pidfd, events: Int16(POLLIN), revents: 0)
    let hasEnded = poll(&awaited, 1, Int32(Self.youth)) > 0
    shared.withLock { $0.attended -= 1 }
    let isSeenTo = hasEnded && aloneIfFree { seeToTheEnd(of: child) } ?? false
    let (isGone, isOver) = shared.withLock { shared in
      // A program that somebody else has given up for dead is none of this thread's either.
      let isGone = shared.children[child.id] == nil
      if !isGone { shared.outlastsStay.append(child) }
      if !hasEnded { shared.programsAreShort = false }
      return (isGone, shared.isShutDown)
    }
    // What it left behind may want something at a time that who waits does not know of.
    if isSeenTo, !isGone || isOver { wake() }
    return isSeenTo || isGone
  }

  /// Reports the start; false where others have to see to the program from the beginning.
  private func attend(_ child: SupervisedChild) -> Bool {
    guard child.input < 0, shared.withLock({ $0.programsAreShort && !$0.isShutDown }) else { return false }
    let isReported = aloneIfFree {
      child.isAttended = true
      reportStarts()
      return true
    }
    guard isReported == true else { return false }
    shared.withLock { $0.attended += 1 }
    return true
  }

  private func seeToTheEnd(of child: SupervisedChild) -> Bool {
    guard shared.withLock({ $0.children[child.id] != nil }) else { return false }
    leaderEnded(child)
    settle()
    return child.pidfd < 0
  }

  /// Does something alone, where no other thread is for longer than a moment.
  private func aloneIfFree<Result>(_ work: () -> Result) -> Result? {
    if let result = aloneUnlessBusy(work) { return result }
    let end = MonotonicTime(in: 1)
    repeat {
      sched_yield()
      if let result = aloneUnlessBusy(work) { return result }
    } while .now < end
    return nil
  }
}
