import Glibc

/// Tells the time; a protocol, so that tests and rehearsals tell it themselves.
package protocol Clock: Sendable {
  /// The wall clock, in milliseconds since the epoch.
  func wall() -> Int64
  /// A clock that never goes back and counts while the machine sleeps, in milliseconds.
  func steady() -> Int64
}

/// The machine's clocks.
package struct SystemClock: Clock {
  package init() {}

  package func wall() -> Int64 { Self.read(CLOCK_REALTIME) }

  package func steady() -> Int64 { Self.read(CLOCK_BOOTTIME) }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }
}
