import Glibc
import RunbookExecutor
import Synchronization

/// Staying with a program: the thread that started it, and has time, sees to its end.
///
/// While programs are short, this leaves each thread with the processor of its own program, and no thread has to be woken
/// for an end on another one.
extension ChildReader {
  /// Waits for a moment for the end of a program that this thread has just started, and that nobody watches yet, and sees
  /// to it; false where others have to.
  func stay(with child: SupervisedChild) -> Bool {
    alone { reportStarts() }
    var awaited = pollfd(fd: child.pidfd, events: Int16(POLLIN), revents: 0)
    let hasEnded = poll(&awaited, 1, Int32(Self.youth)) > 0
    let isSeenTo = alone {
      child.isAttended = false
      if hasEnded { leaderEnded(child) }
      let isSeenTo = child.pidfd < 0
      if !isSeenTo { watchOutputsSoon(of: child) }
      settle()
      return isSeenTo
    }
    // What it left behind may want something at a time that who waits does not know of.
    if isSeenTo, shared.withLock({ $0.children[child.id] != nil }) { wake() }
    return isSeenTo
  }
}
