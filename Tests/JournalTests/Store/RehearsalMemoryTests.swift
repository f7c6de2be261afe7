import Testing

@testable import Journal

/// When the scenarios of a runbook were last played.
@Suite struct RehearsalMemoryTests {
  private func playing(_ number: Int) -> RehearsalMemory.Playing {
    RehearsalMemory.Playing(
      plan: "plan", scenario: "scenario\(number)", time: Int64(number), hasPassed: number % 2 == 0)
  }

  @Test("what several keep at once is all kept")
  func severalAtOnce() async throws {
    let store = ScratchStore()
    let path = store.path
    defer { withExtendedLifetime(store) {} }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 1...16 {
        group.addTask {
          try RehearsalMemory(at: path, creating: true).remember(["\(number).yaml": playing(number)], of: "release")
        }
      }
      try await group.waitForAll()
    }
    let kept = try RehearsalMemory(at: path, creating: false).playings(of: "release")
    #expect(kept == Dictionary(uniqueKeysWithValues: (1...16).map { ("\($0).yaml", playing($0)) }))
  }
}
