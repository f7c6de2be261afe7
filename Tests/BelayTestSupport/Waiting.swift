import Glibc

/// Waits for what a test expects, by looking at it again and again.
public enum Waiting {
  /// Looks until it is so; false after the patience, in seconds.
  public static func until(_ patience: Int = 60, _ isSo: () -> Bool) -> Bool {
    var end = timespec()
    clock_gettime(CLOCK_MONOTONIC, &end)
    end.tv_sec += patience
    while true {
      if isSo() { return true }
      var now = timespec()
      clock_gettime(CLOCK_MONOTONIC, &now)
      if now.tv_sec > end.tv_sec { return false }
      sched_yield()
      poll(nil, 0, 5)
    }
  }
}
