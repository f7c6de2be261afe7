import Journal
import Testing

@Suite struct LockTests {
  let scratch = ScratchStore()

  @Test func locksAreTakenWithTheCommitAndHeldByTheRun() throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    try store.append([.sample(1)], engine, taking: LockSet(names: ["web", "db"], environment: "prod"))
    engine.release()
    store.close()
    let held = try scratch.open(.readOnly).locks()
    #expect(held.map { "\($0.name) \($0.environment) \($0.run)" } == ["db prod run1", "web prod run1"])
  }

  @Test func aBusyLockNamesItsHolderAndTheCommitLeavesNothing() throws {
    let store = try scratch.open()
    let first = try store.claimEngine(run: "run1")
    let second = try store.claimEngine(run: "run2")
    try store.append([.sample(1)], first, taking: LockSet(names: ["db"], environment: "prod"))
    let refusal = try #require(
      error {
        try store.append([.sample(2)], second, taking: LockSet(names: ["aux", "db"], environment: "prod"))
      })
    #expect(refusal == .lockBusy(name: "db", environment: "prod", holder: "run1"))
    #expect(refusal.busyMessage?.contains("run1") == true)
    #expect(try store.locks().map(\.name) == ["db"])
    #expect(try store.records(ofRun: "run2").isEmpty)
    try store.append([.sample(3)], second, taking: LockSet(names: ["aux"], environment: "prod"))
    #expect(try store.verify().isIntact)
  }

  @Test func anotherEnvironmentHasLocksOfItsOwn() throws {
    let store = try scratch.open()
    let first = try store.claimEngine(run: "run1")
    let second = try store.claimEngine(run: "run2")
    try store.append([.sample(1)], first, taking: LockSet(names: ["db"], environment: "prod"))
    try store.append([.sample(2)], second, taking: LockSet(names: ["db"], environment: "test"))
    #expect(try store.locks().count == 2)
  }

  @Test func aRunTakesItsOwnLocksAgain() throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    try store.append([], engine, taking: LockSet(names: ["db", "db"], environment: ""))
    engine.release()
    let next = try store.claimEngine(run: "run1")
    try store.append([.sample(1)], next, taking: LockSet(names: ["web", "db"], environment: ""))
    #expect(try store.locks().map(\.name) == ["db", "web"])
  }

  @Test func aRunGivesAllItsLocksBackAndNobodyElses() throws {
    let store = try scratch.open()
    let other = try scratch.open()
    let first = try store.claimEngine(run: "run1")
    let second = try other.claimEngine(run: "run2")
    try store.append([.sample(1)], first, taking: LockSet(names: ["db", "web"], environment: ""))
    try other.append([.sample(2)], second, taking: LockSet(names: ["dns"], environment: ""))
    try store.append([.sample(3)], first, releasing: true)
    #expect(try store.locks().map(\.name) == ["dns"])
    try other.append([.sample(4)], second, taking: LockSet(names: ["db"], environment: ""))
  }
}
