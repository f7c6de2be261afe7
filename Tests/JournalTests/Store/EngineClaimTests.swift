import Glibc
import Journal
import Testing

@Suite struct EngineClaimTests {
  let scratch = ScratchStore()

  @Test func aSecondEngineIsRefusedWhileTheFirstLives() throws {
    let store = try scratch.open()
    let other = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    #expect(engine.run == "run1")
    #expect(engine.epoch == 1)
    let refusal = try #require(error { _ = try other.claimEngine(run: "run1") })
    #expect(refusal == .engineBusy(run: "run1", pid: getpid()))
    #expect(refusal.isLockOrEngineBusy)
    #expect(refusal.busyMessage == refusal.description)
    #expect(refusal.description.contains("\(getpid())"))
    #expect(error { _ = try store.claimEngine(run: "run1") } == refusal)
    _ = try other.claimEngine(run: "run2")
  }

  @Test func everyEngineOfARunHasANewEpochThatLasts() throws {
    var store = try scratch.open()
    for epoch in 1...3 as ClosedRange<Int64> {
      let engine = try store.claimEngine(run: "run1")
      #expect(engine.epoch == epoch)
      engine.release()
      store.close()
      store = try scratch.open()
    }
  }

  @Test func anEngineIsAliveFromItsClaimToItsRelease() throws {
    let store = try scratch.open()
    let reader = try scratch.open(.readOnly)
    #expect(!reader.isEngineAlive(run: "run1"))
    let engine = try store.claimEngine(run: "run1")
    #expect(reader.isEngineAlive(run: "run1"))
    #expect(store.isEngineAlive(run: "run1"))
    #expect(!reader.isEngineAlive(run: "run2"))
    engine.release()
    engine.release()
    #expect(!reader.isEngineAlive(run: "run1"))
  }

  @Test func aClaimThatIsDroppedFreesTheRun() throws {
    let store = try scratch.open()
    do { _ = try store.claimEngine(run: "run1") }
    #expect(!store.isEngineAlive(run: "run1"))
    #expect(try store.claimEngine(run: "run1").epoch == 2)
  }

  @Test func anEngineWhoseRunWasTakenOverWritesNothing() throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    try store.append([.sample(1)], engine)
    // As on a file system whose locks do not hold: another engine has counted the epoch up.
    scratch.tamper("UPDATE runs SET epoch = 2 WHERE run = 'run1'")
    let refusal = try #require(error { try store.append([.sample(2)], engine) })
    #expect(refusal == .epochLost(run: "run1", epoch: 1))
    #expect(refusal.isEpochLost)
    #expect(!refusal.isLockOrEngineBusy)
    #expect(refusal.busyMessage == nil)
    #expect(try store.records(after: 0, limit: 10).count == 1)
    try store.fill(1, run: "run2")
    #expect(try store.verify().isIntact)
  }

  @Test func anEngineThatWasReleasedWritesNothing() throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    engine.release()
    #expect(error { try store.append([.sample(1)], engine) } == .epochLost(run: "run1", epoch: 1))
  }

  @Test func aClaimIsGoodForItsOwnRunOnly() throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    #expect(
      error {
        _ = try store.append(
          batch: [.sample(1)], run: "run2", outputs: [], engine: engine, taking: nil, releasing: false)
      } == .epochLost(run: "run2", epoch: 1))
  }

  @Test func notesOutliveTheEnginesThatWereKilled() throws {
    let store = try scratch.open()
    #expect(store.readNotes(run: "run1").isEmpty)
    do {
      let killed = try store.claimEngine(run: "run1")
      killed.note("child 101")
      killed.note("child 102")
    }
    do {
      let killed = try store.claimEngine(run: "run1")
      #expect(store.readNotes(run: "run1") == ["child 101", "child 102"])
      killed.note("child\n103")
    }
    #expect(try scratch.open(.readOnly).readNotes(run: "run1") == ["child 101", "child 102", "child 103"])
    #expect(store.readNotes(run: "run2").isEmpty)
  }

  @Test func anEngineThatEndedInOrderHasDealtWithTheNotesBeforeIt() throws {
    let store = try scratch.open()
    do { try store.claimEngine(run: "run1").note("killed") }
    let orderly = try store.claimEngine(run: "run1")
    orderly.note("orderly")
    orderly.release()
    #expect(store.readNotes(run: "run1") == ["killed", "orderly"])
    let next = try store.claimEngine(run: "run1")
    #expect(store.readNotes(run: "run1") == ["orderly"])
    next.note("next")
    #expect(store.readNotes(run: "run1") == ["orderly", "next"])
  }

  @Test(arguments: ["", "..", "a/b", "a.b", "a b", "läuft", String(repeating: "a", count: 65)])
  func whatCannotBeAFilesNameCannotNameARun(name: String) throws {
    let store = try scratch.open()
    #expect(error { _ = try store.claimEngine(run: name) } == .unusableRunName(name))
    #expect(store.readNotes(run: name).isEmpty)
    #expect(!store.isEngineAlive(run: name))
  }
}
