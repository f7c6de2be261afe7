import Glibc
import Testing

@testable import Journal

@Suite struct SigningTests {
  let scratch = ScratchStore()

  /// A store whose log has a key, and ten records of which each second one was signed.
  private func signedStore() throws -> (store: JournalStore, key: LogKey) {
    let store = try scratch.open()
    let key = try store.beginSigning(name: "log.example", folder: nil, renewing: false)
    let engine = try store.claimEngine(run: "run1")
    for number: Int64 in 1...10 {
      _ = try store.append(
        batch: [.sample(number)], run: "run1", outputs: [], engine: engine, taking: nil, releasing: false,
        signing: number % 2 == 0)
    }
    engine.release()
    return (store, key)
  }

  /// Makes a store of ten records, signed by a key in a folder beside the store, or below it where nil.
  private func signedStore(in folder: String?) throws -> LogKey {
    let store = try scratch.open()
    defer { store.close() }
    let place = folder.map { scratch.directory + "/" + $0 }
    let key = try store.beginSigning(name: "log.example", folder: place, renewing: false)
    try store.fill(10)
    try store.makeCheckpoint()
    return key
  }

  @Test func checkpointsAreSignedInTheCommitAndFit() throws {
    let (store, key) = try signedStore()
    let report = try store.verify(keys: [key.verifier])
    #expect(report.isIntact, "\(report.findings)")
    #expect(report.checkpointCount == 5)
    #expect(report.coveredRecords == 10)
    #expect(report.anchor == .held(size: 10))
    #expect(scratch.permissions("keys/log-1.key") == 0o600)
    #expect(scratch.permissions("keys") == 0o700)
    let state = try store.signerState(of: key)
    #expect(try store.newestCheckpoint()?.checkpoint.root == state.frontier.root)
  }

  @Test func aLogThatHasRecordsIsSignedFromItsBeginning() throws {
    let store = try scratch.open()
    try store.fill(700)
    #expect(try store.verify().keys.isEmpty)
    _ = try store.beginSigning(name: "log.example", folder: scratch.directory + "/elsewhere", renewing: false)
    let report = try store.verify()
    #expect(report.isIntact)
    #expect(report.coveredRecords == 700)
    #expect(error { _ = try store.beginSigning(name: "b", folder: nil, renewing: false) } != nil)
  }

  @Test func theSignerRefusesALogThatWasCutBack() throws {
    let (store, _) = try signedStore()
    store.close()
    scratch.tamper("DELETE FROM records WHERE seq > 8; DELETE FROM checkpoints WHERE size > 8")
    let again = try scratch.open()
    let found = try again.verify().findings
    #expect(found.map(\.seq) == [9])
    #expect(found[0].what.contains("the signer has signed them"))
    let failure = try #require(error { try again.makeCheckpoint() })
    #expect(failure.description.contains("the log was cut back: it has 8 records, and 10 were signed"))
    // Nothing is written to a store whose commit failed.
    #expect(error { try again.fill(1, run: "run2") }?.description.contains("earlier commit failed") == true)
  }

  /// What a database without its keys is held against lies beside it, and with the reader.
  @Test(arguments: [nil, "elsewhere"]) func aLogWhoseDatabaseNamesNoKeyAnyMoreIsNotUnsigned(folder: String?) throws {
    let key = try signedStore(in: folder)
    scratch.tamper("DELETE FROM records WHERE seq > 8; DELETE FROM checkpoints; DELETE FROM log_keys")
    let again = try scratch.open()
    let found = try again.verify().findings
    #expect(Set(found.map(\.seq)) == [9])
    #expect(found.contains { $0.what.contains("a key that the database does not name") }, "\(found)")
    #expect(try again.verify(keys: [key.verifier]).findings.contains { $0.what.contains("none of the keys given") })
    let engine = try again.claimEngine(run: "run2")
    let failure = error {
      _ = try again.append(
        batch: [.sample(1)], run: "run2", outputs: [], engine: engine, taking: nil, releasing: false, signing: true)
    }
    #expect(
      failure?.description.contains("the log has been signed otherwise") == true, "\(String(describing: failure))")
  }

  @Test func aKeyThatIsSaidToLieElsewhereIsLookedForWhereItIs() throws {
    let (store, key) = try signedStore()
    store.close()
    scratch.tamper(
      "DELETE FROM records WHERE seq > 8; DELETE FROM checkpoints WHERE size > 8; UPDATE log_keys SET directory = '/none'"
    )
    let again = try scratch.open()
    let found = try again.verify(keys: [key.verifier]).findings
    #expect(found.contains { $0.what.contains("the database says that a key lies in /none") }, "\(found)")
    #expect(found.contains { $0.what.contains("the signer has signed them") }, "\(found)")
    #expect(error { try again.makeCheckpoint() }?.description.contains("signed otherwise") == true)
  }

  @Test(arguments: [nil, "elsewhere"]) func anotherKeyIsNotTheLogsForTheDatabaseSaysSo(folder: String?) throws {
    let key = try signedStore(in: folder)
    let other = try #require(SigningKey(generatedFor: "log.example", kind: .note)).verifier
    // A second key that nobody gave the log, in a folder that nobody can look into, hides what was cut off.
    scratch.tamper(
      "DELETE FROM records WHERE seq > 4; DELETE FROM checkpoints; "
        + "INSERT INTO log_keys VALUES (2, '\(other)', '/none')")
    let cut = try scratch.open()
    let found = try cut.verify(keys: [key.verifier]).findings
    #expect(found.contains { $0.what.contains("the signer has signed them") }, "\(found)")
    #expect(found.contains { $0.what.contains("of which nothing in") }, "\(found)")
    #expect(error { try cut.makeCheckpoint() } != nil)
    cut.close()
    scratch.tamper("DELETE FROM log_keys WHERE number = 2; UPDATE log_keys SET verifier = '\(other)'")
    let swapped = try scratch.open()
    #expect(try swapped.verify().findings.contains { $0.what.contains("another key than the database names") })
    #expect(error { try swapped.makeCheckpoint() } != nil)
  }

  @Test func aStoreWithoutNotesGoesOnAsItWas() throws {
    let (store, key) = try signedStore()
    store.close()
    #expect(unlink(scratch.path + "/keys/log-1.note") == 0)
    let again = try scratch.open()
    #expect(try again.verify(keys: [key.verifier]).isIntact)
    try again.fill(1, run: "run2")
    try again.makeCheckpoint()
    #expect(try again.verify(keys: [key.verifier]).isIntact)
  }

  @Test func checkpointsThatAreGoneAreMissed() throws {
    let (store, _) = try signedStore()
    store.close()
    scratch.tamper("DELETE FROM checkpoints WHERE size > 6")
    let found = try scratch.open().verify().findings
    #expect(found.map(\.seq) == [10])
    #expect(found.first?.what.contains("the checkpoint over them is not there") == true)
  }

  @Test func theSignerRefusesALastRecordThatIsAnotherOne() throws {
    let (store, _) = try signedStore()
    store.close()
    scratch.tamper("UPDATE records SET line = replace(line, 'check', 'chess') WHERE seq = 10")
    let failure = try #require(error { try scratch.open().makeCheckpoint() })
    #expect(failure.description.contains("record 10 is not the one that was signed"))
  }

  @Test func anOlderStateIsWeakerAndNotWrong() throws {
    let (store, key) = try signedStore()
    let path = scratch.path + "/keys/log-1.state"
    let old = try store.signerState(of: key)
    try store.fill(3, run: "run2")
    try store.makeCheckpoint()
    let file = try SignerStateFile(at: path, creating: false)
    // Both slots get the older state, as if the machine had lost power twice.
    for slot in [0, 1] { try file.write(old, over: slot) }
    file.close()
    try store.fill(1, run: "run3")
    try store.makeCheckpoint()
    #expect(try store.verify().isIntact)
    #expect(try store.signerState(of: key).size == 14)
  }

  @Test func aTornSlotLeavesTheOther() throws {
    let (store, key) = try signedStore()
    let before = try store.signerState(of: key)
    let descriptor = open(scratch.path + "/keys/log-1.state", O_RDWR)
    defer { close(descriptor) }
    var seen: Set<Int64> = []
    for slot in 0..<2 {
      var bytes = [UInt8](repeating: 0, count: SignerStateFile.slotSize)
      let place = off_t(slot * bytes.count)
      #expect(pread(descriptor, &bytes, bytes.count, place) == bytes.count)
      var torn = bytes
      torn[70] ^= 1
      #expect(pwrite(descriptor, torn, torn.count, place) == torn.count)
      seen.insert(try store.signerState(of: key).size)
      #expect(pwrite(descriptor, bytes, bytes.count, place) == bytes.count)
    }
    #expect(seen == [8, 10])
    #expect(try store.signerState(of: key) == before)
  }

  @Test func aKeyThatOthersMayReadIsRefused() throws {
    let (store, _) = try signedStore()
    store.close()
    #expect(chmod(scratch.path + "/keys/log-1.key", 0o644) == 0)
    #expect(error { try scratch.open().makeCheckpoint() }?.description.contains("chmod 600") == true)
  }

  @Test func twoStoresTakeTurns() throws {
    let (one, key) = try signedStore()
    let two = try scratch.open()
    for round in 0..<5 {
      try one.fill(2, run: "one\(round)")
      try one.makeCheckpoint()
      try two.fill(1, run: "two\(round)")
      try two.makeCheckpoint()
    }
    let report = try one.verify(keys: [key.verifier])
    #expect(report.isIntact, "\(report.findings)")
    #expect(report.coveredRecords == 25)
  }

  @Test func aRenewedKeySignsOnAndTheOldCheckpointsStillFit() throws {
    let (store, old) = try signedStore()
    let new = try store.beginSigning(name: "log.example", folder: nil, renewing: true)
    try store.fill(2, run: "run2")
    try store.makeCheckpoint()
    #expect(try store.verify().isIntact)
    #expect(try store.verify(keys: [old.verifier, new.verifier]).isIntact)
    #expect(try store.verify(keys: [old.verifier]).findings.map(\.seq) == [12])
  }

  @Test func aForgersKeyIsNotTaken() throws {
    let (store, key) = try signedStore()
    store.close()
    // The whole log written anew, with a key of one's own.
    let forged = ScratchStore()
    let other = try forged.open()
    _ = try other.beginSigning(name: "log.example", folder: nil, renewing: false)
    try other.fill(10)
    try other.makeCheckpoint()
    #expect(try other.verify().isIntact)
    #expect(try !other.verify(keys: [key.verifier]).isIntact)
    let unsigned = ScratchStore()
    let third = try unsigned.open()
    try third.fill(3)
    #expect(try !third.verify(keys: [key.verifier]).isIntact)
  }

  @Test func outputsThatWerePrunedAreCalledThat() throws {
    let store = try scratch.open()
    _ = try store.beginSigning(name: "log.example", folder: nil, renewing: false)
    let engine = try store.claimEngine(run: "run1")
    let small = try #require(try store.write(Array("small".utf8)))
    let large = try #require(try store.write(noise(200_000)))
    let kept = try #require(try store.write(Array("kept".utf8)))
    try store.append([.naming(small), .naming(large)], engine, outputs: [small, kept].compactMap(\.small))
    var end = PendingRecord.sample(5)
    end.type = "run.ended"
    try store.append([end], engine)
    let running = try store.claimEngine(run: "run2")
    try store.append([.naming(kept)], running)
    // The file is as old as its record says.
    let path = scratch.path + "/outputs/\(large.sha256.prefix(2))/\(large.sha256).gz"
    var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
    #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
    let pruned = try store.prune(outputsBefore: 1_800_000_000_000, now: 1_800_000_000_001, by: "sam")
    #expect(pruned == PruningReport(outputCount: 2, bytes: 200_005))
    #expect(access(path, F_OK) != 0)
    let report = try store.verify()
    #expect(report.isIntact, "\(report.findings)")
    #expect(Set(report.prunedOutputs) == [small.sha256, large.sha256])
    #expect(report.outputCount == 1)
    #expect(try store.prune(outputsBefore: 1_800_000_000_000, now: 0, by: "sam").outputCount == 0)
    scratch.tamper("DELETE FROM outputs")
    #expect(try store.verify().findings.map(\.seq) == [4], "what was only removed is missing")
  }

  @Test func aBackupIsTheStoreAsItWas() throws {
    let (store, key) = try signedStore()
    let engine = try store.claimEngine(run: "run2")
    let large = try #require(try store.write(noise(200_000)))
    try store.append([.naming(large)], engine)
    let target = scratch.directory + "/backup"
    try store.backUp(to: target)
    try store.append([.sample(1)], engine)
    let copy = try JournalStore.open(at: target, access: .readOnly)
    let report = try copy.verify(keys: [key.verifier])
    #expect(report.isIntact, "\(report.findings)")
    #expect(report.recordCount == 11)
    #expect(report.outputCount == 1)
    #expect(access(target + "/keys", F_OK) != 0)
    #expect(error { try store.backUp(to: target) } != nil)
  }

  @Test func aBackupDoesNotSignWithTheKeyOfTheLog() throws {
    let store = try scratch.open()
    let key = try store.beginSigning(name: "log.example", folder: scratch.directory + "/elsewhere", renewing: false)
    try store.fill(3)
    let target = scratch.directory + "/backup"
    try store.backUp(to: target)
    let copy = try JournalStore.open(at: target, access: .readWrite)
    let failure = try #require(error { try copy.makeCheckpoint() })
    #expect(failure.description.contains("/backup/keys"), "\(failure)")
    try store.fill(2, run: "run2")
    try store.makeCheckpoint()
    #expect(try store.verify(keys: [key.verifier]).isIntact)
  }

  @Test(arguments: [true, false])
  func aFolderOfKeysThatOthersMayWriteOrThatIsALinkIsRefused(isLink: Bool) throws {
    let store = try scratch.open()
    let folder = scratch.directory + "/elsewhere"
    _ = try store.beginSigning(name: "log.example", folder: folder, renewing: false)
    try store.fill(1)
    store.close()
    if isLink {
      #expect(rename(folder, folder + "2") == 0 && symlink(folder + "2", folder) == 0)
    } else {
      #expect(chmod(folder, 0o777) == 0)
    }
    let failure = try #require(error { try scratch.open().makeCheckpoint() })
    #expect(failure.description.contains(isLink ? "is a link" : "may be written by others"), "\(failure)")
  }
}
