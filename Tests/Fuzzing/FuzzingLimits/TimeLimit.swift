import Glibc

/// Does some work, and traps where that takes more than a second.
///
/// A second of the processor's: on a busy machine libFuzzer's own limit, which is the clock's, strikes for no reason.
package func withinASecond(_ work: () -> Void) {
  let start = processorTime()
  work()
  let spent = processorTime() - start
  precondition(spent < 1_000_000_000, "it took \(spent / 1_000_000) ms")
}

/// What this thread has used of the processor, in nanoseconds.
private func processorTime() -> Int {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return time.tv_sec * 1_000_000_000 + time.tv_nsec
}
