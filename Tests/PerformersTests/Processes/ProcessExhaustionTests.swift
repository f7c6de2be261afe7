import Glibc
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

  @Test(.reapingOrphans) func withoutDescriptorsNothingIsStartedAndLaterItIs() async {
    await #expect(processExitsWith: .success) {
      let supervisor = ProcessSupervisor()
      _ = try await supervisor.run("true")
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
          _ = try await supervisor.run("true")
        } catch {
          refused = error as? SpawnError
        }
        while refused == nil, case let descriptor = open("/dev/null", O_RDONLY), descriptor >= 0 {
          taken.append(descriptor)
        }
      }
      guard case .exhausted? = refused else { fatalError("\(String(describing: refused))") }
      for descriptor in taken { close(descriptor) }
      let end = try await supervisor.run("exit 8").end
      precondition(end.status == .exited(8))
    }
  }
}
