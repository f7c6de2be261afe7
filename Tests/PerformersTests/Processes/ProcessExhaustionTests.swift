import Dispatch
import Glibc
import Synchronization
import Testing

@testable import Performers

/// What changes the whole process is done in one of its own.
@Suite struct ProcessExhaustionTests {
  @Test(.reapingOrphans) func anIgnoredSIGCHLDDoesNotCostTheExitStatus() async {
    await #expect(processExitsWith: .success) {
      signal(SIGCHLD, SIG_IGN)
      let end = try await ProcessSupervisor().run("exit 6").end
      precondition(end.status == .exited(6))
    }
  }

  /// Nothing is awaited while there are no descriptors: Dispatch counts its threads once a second while work is queued,
  /// and ends the process where it cannot open the file that says so.
  @Test(.reapingOrphans) func withoutDescriptorsNothingIsStartedAndLaterItIs() async {
    await #expect(processExitsWith: .success) {
      let supervisor = ProcessSupervisor()
      _ = try supervisor.runHoldingThread("true")
      var taken: [Int32] = []
      while case let descriptor = open("/dev/null", O_RDONLY), descriptor >= 0, descriptor < 1_000_000 {
        taken.append(descriptor)
        if taken.count == 100 {
          var limit = rlimit(rlim_cur: rlim_t(descriptor) + 2, rlim_max: rlim_t(descriptor) + 2)
          setrlimit(__rlimit_resource_t(7), &limit)
        }
      }
      // Pipes for one more program are kept ready, and descriptors are closed a moment after an end: what these leave
      // is taken as well.
      var refused: SpawnError?
      for _ in 1...50 where refused == nil {
        do {
          _ = try supervisor.runHoldingThread("true")
        } catch {
          refused = error as? SpawnError
        }
        while refused == nil, case let descriptor = open("/dev/null", O_RDONLY), descriptor >= 0 {
          taken.append(descriptor)
        }
      }
      guard case .exhausted? = refused else { fatalError("\(String(describing: refused))") }
      for descriptor in taken { close(descriptor) }
      let end = try supervisor.runHoldingThread("exit 8")
      precondition(end?.status == .exited(8))
    }
  }
}

private final class EndWaiter: ProcessObserver {
  private let end = Mutex<ProcessEnd?>(nil)
  private let hasEnded = DispatchSemaphore(value: 0)

  func started(_ identity: ProcessIdentity) {}

  func output(_ bytes: UnsafeRawBufferPointer, from stream: OutputStream) {}

  func ended(_ end: ProcessEnd) {
    self.end.withLock { $0 = end }
    hasEnded.signal()
  }

  func wait() -> ProcessEnd? {
    hasEnded.wait()
    return end.withLock { $0 }
  }
}

extension ProcessSupervisor {
  /// Runs a shell script to its end, holding up the calling thread.
  fileprivate func runHoldingThread(_ script: String) throws -> ProcessEnd? {
    let waiter = EndWaiter()
    _ = try start(ProcessRequest(argv: ["sh", "-c", script], environment: plainEnvironment), observer: waiter)
    return waiter.wait()
  }
}
