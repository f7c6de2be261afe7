import Glibc

/// A lock that its holder can wait under until another thread signals, or until some time on the monotonic clock.
package final class Monitor: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  package init() {
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  package func lock() { pthread_mutex_lock(mutex) }

  /// False where another thread holds the lock.
  package func tryLock() -> Bool { pthread_mutex_trylock(mutex) == 0 }

  package func unlock() { pthread_mutex_unlock(mutex) }

  /// Wakes one thread that waits; the lock need not be held.
  package func signal() { pthread_cond_signal(condition) }

  /// Gives the lock up until somebody signals, or for no reason; the lock must be held.
  package func wait() { pthread_cond_wait(condition, mutex) }

  /// The same until a time at the latest; false once that has come.
  package func wait(until time: MonotonicTime) -> Bool {
    var until = time.value
    return pthread_cond_timedwait(condition, mutex, &until) != ETIMEDOUT
  }
}

/// A time on the monotonic clock.
package struct MonotonicTime: Sendable, Comparable {
  fileprivate var value: timespec

  /// So many milliseconds from now; a wait of ages is for ever.
  package init(in milliseconds: Int64) {
    value = timespec()
    clock_gettime(CLOCK_MONOTONIC, &value)
    value.tv_sec += Int(min(milliseconds / 1000, 1 << 40))
    value.tv_nsec += Int(milliseconds % 1000) * 1_000_000
    if value.tv_nsec >= 1_000_000_000 {
      value.tv_sec += 1
      value.tv_nsec -= 1_000_000_000
    }
  }

  package static var now: MonotonicTime { MonotonicTime(in: 0) }

  package static func == (one: MonotonicTime, other: MonotonicTime) -> Bool {
    one.value.tv_sec == other.value.tv_sec && one.value.tv_nsec == other.value.tv_nsec
  }

  package static func < (one: MonotonicTime, other: MonotonicTime) -> Bool {
    (one.value.tv_sec, one.value.tv_nsec) < (other.value.tv_sec, other.value.tv_nsec)
  }

  /// How many milliseconds are left until then, rounded up; 0 once it has come.
  package var left: Int64 {
    let now = MonotonicTime.now.value
    let nanoseconds = (value.tv_sec - now.tv_sec) * 1_000_000_000 + (value.tv_nsec - now.tv_nsec)
    return Int64(max(0, (nanoseconds + 999_999) / 1_000_000))
  }
}
