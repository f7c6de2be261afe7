import Glibc
import Synchronization
import Testing

@testable import Performers

/// Reaps what the programs of other tests left behind while a test goes on.
///
/// An exit test waits for its own process in vain while another child of this process has ended and is not reaped, and
/// a supervisor reaps orphans only when one of its own programs ends.
struct OrphanReaping: TestTrait, TestScoping {
  func provideScope(
    for test: Test, testCase: Test.Case?, performing body: @Sendable () async throws -> Void
  ) async throws {
    let isOver = IsOver()
    let reaper = Task.detached {
      while !isOver.value.load(ordering: .acquiring) {
        Self.reap()
        try? await Task.sleep(for: .milliseconds(20))
      }
    }
    defer { isOver.value.store(true, ordering: .releasing) }
    _ = reaper
    try await body()
  }

  private final class IsOver: Sendable {
    let value = Atomic(false)
  }

  private static func reap() {
    for pid in OrphanList.shared.children() ?? [] {
      ChildLedger.spawning.withLock { _ in
        let session = getsid(pid)
        guard !ChildLedger.contains(pid), session > 0, session != getsid(0) else { return }
        _ = waitpid(pid, nil, WNOHANG)
      }
    }
  }
}

extension Trait where Self == OrphanReaping {
  static var reapingOrphans: Self { Self() }
}
