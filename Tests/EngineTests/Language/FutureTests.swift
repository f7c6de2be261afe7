import BelayTestSupport
import Testing

@testable import RunEngine

/// What decides whether two states go on in the same way must be fed to the hash; what was added since must be thought of.
@Suite struct FutureTests {
  @Test("every field of the state is fed, or is known to bear on nothing")
  func fields() throws {
    let state = RunState(RunStart(id: "abcdefghijkl", operatorName: "o", plan: RandomPlan.make(seed: 7)), at: 0)
    let source = try #require(
      TestFile.read(BelayBinary.projectRoot + "/Sources/RunEngine/State/RunState+Future.swift"))
    // What the plan says, what is fed by parts, and what is empty between events.
    let others: Set = [
      "origin", "effects", "failure", "steps", "frames", "ready", "readyHead", "unmet", "undoneHolders",
    ]
    for field in Mirror(reflecting: state).children.compactMap(\.label) where !others.contains(field) {
      #expect(source.contains("hasher.combine(\(field))"), "\(field)")
    }
    let step = try #require(state.steps.first)
    // The frame is the step's place; reasons that people are told bear on nothing.
    let parts: Set = ["frame", "lastFailure", "end", "lost", "undo", "undoLeft"]
    for field in Mirror(reflecting: step).children.compactMap(\.label) where !parts.contains(field) {
      #expect(source.contains("hasher.combine(\(field))"), "\(field)")
    }
  }

  @Test("states that differ in what can still happen are told apart, and those that differ in reasons are not")
  func difference() {
    func mark(_ change: (inout RunState) -> Void, withTimes: Bool = false) -> Int {
      var state = RunState(RunStart(id: "abcdefghijkl", operatorName: "o", plan: RandomPlan.make(seed: 7)), at: 0)
      change(&state)
      var hasher = Hasher()
      state.feedFuture(into: &hasher, withTimes: withTimes)
      return hasher.finalize()
    }
    let plain = mark { _ in }
    #expect(mark { $0.steps[0].end = .succeeded } != plain)
    #expect(mark { $0.slotsUsed = 1 } != plain)
    #expect(mark { $0.now = 5 } == plain)
    #expect(mark({ $0.now = 5 }, withTimes: true) != mark({ _ in }, withTimes: true))
    func failed(_ reason: String) -> Int {
      mark {
        $0.steps[0].end = .failed(Failure(.failed, reason), inDoubt: false)
        $0.steps[0].lastFailure = reason
      }
    }
    #expect(failed("exit status 1") == failed("ended by signal 9"))
  }
}
