import Glibc
import Journal
import Testing

@Suite struct OpeningTests {
  let scratch = ScratchStore()

  @Test func onlyTheOwnerMayLookIntoAStore() throws {
    let previous = umask(0)
    defer { umask(previous) }
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    try store.append([.sample(1)], engine)
    let output = try #require(try store.write(noise(100_000)))
    #expect(scratch.permissions() == 0o700)
    #expect(scratch.permissions("engines") == 0o700)
    #expect(scratch.permissions("outputs") == 0o700)
    #expect(scratch.permissions("outputs/" + output.sha256.prefix(2)) == 0o700)
    for name in ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm", "engines/run1.lock"] {
      #expect(scratch.permissions(name) == 0o600, "\(name)")
    }
    #expect(scratch.permissions("outputs/\(output.sha256.prefix(2))/\(output.sha256).gz") == 0o600)
  }

  @Test func whatIsOpenToOthersIsReported() throws {
    let store = try scratch.open()
    try store.fill(1)
    #expect(store.wideModes.isEmpty)
    chmod(scratch.path, 0o755)
    chmod(scratch.path + "/journal.sqlite", 0o640)
    #expect(
      try scratch.open(.readOnly).wideModes == [
        "\(scratch.path) is open to others than its owner (mode 755): chmod 700 \(scratch.path)",
        "\(scratch.path)/journal.sqlite is open to others than its owner (mode 640): "
          + "chmod 600 \(scratch.path)/journal.sqlite",
      ])
  }

  @Test func directoriesAboveAreMadeAndSlashesAtTheEndDoNotMatter() throws {
    let path = scratch.path + "/deep/er"
    try JournalStore.open(at: path + "//", access: .readWrite).fill(1)
    #expect(try JournalStore.open(at: path, access: .readOnly).records(after: 0, limit: 5).count == 1)
  }

  @Test func aStoreThatIsNotThereCannotBeRead() {
    #expect(error { _ = try scratch.open(.readOnly) } == .missing(store: scratch.path))
    mkdir(scratch.path, 0o700)
    #expect(error { _ = try scratch.open(.readOnly) } == .missing(store: scratch.path))
    #expect(ScratchStore.names(in: scratch.path).isEmpty)
  }

  @Test func anEmptyPathIsRefused() {
    #expect(error { _ = try JournalStore.open(at: "", access: .readWrite) }?.description.contains("empty") == true)
  }

  @Test func aReaderWritesNothing() throws {
    let writer = try scratch.open()
    try writer.fill(2)
    let reader = try scratch.open(.readOnly)
    #expect(try reader.records(after: 0, limit: 5).count == 2)
    #expect(error { _ = try reader.claimEngine(run: "run2") } == .readOnly(path: scratch.path))
    let engine = try writer.claimEngine(run: "run1")
    #expect(error { try reader.append([.sample(1)], engine) } == .readOnly(path: scratch.path))
    try writer.append([.sample(3)], engine)
    #expect(try reader.records(after: 0, limit: 5).count == 3)
  }

  @Test(arguments: ["journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm", "engines", "outputs"])
  func aSymbolicLinkInTheStoreIsRefused(name: String) throws {
    try scratch.open().close()
    let part = scratch.path + "/" + name
    rename(part, scratch.directory + "/elsewhere")
    #expect(symlink(scratch.directory + "/elsewhere", part) == 0)
    #expect(error { _ = try scratch.open() } == .symbolicLink(path: part))
    #expect(error { _ = try scratch.open(.readOnly) } == .symbolicLink(path: part))
  }

  @Test func aStoreThatIsASymbolicLinkIsRefused() throws {
    _ = try JournalStore.open(at: scratch.directory + "/real", access: .readWrite)
    symlink(scratch.directory + "/real", scratch.path)
    #expect(error { _ = try scratch.open() } == .symbolicLink(path: scratch.path))
    #expect(
      error { _ = try JournalStore.open(at: scratch.path + "/", access: .readOnly) }
        == .symbolicLink(path: scratch.path))
  }

  @Test func aLockFileThatIsASymbolicLinkIsRefused() throws {
    let store = try scratch.open()
    let target = scratch.directory + "/target"
    symlink(target, scratch.path + "/engines/run1.lock")
    #expect(
      error { _ = try store.claimEngine(run: "run1") } == .symbolicLink(path: scratch.path + "/engines/run1.lock"))
    #expect(access(target, F_OK) != 0)
  }

  @Test func aFileInPlaceOfADirectoryIsRefused() throws {
    close(creat(scratch.path, 0o600))
    #expect(error { _ = try scratch.open() } == .notADirectory(path: scratch.path))
    #expect(
      error { _ = try JournalStore.open(at: scratch.path + "/below", access: .readWrite) }
        == .notADirectory(path: scratch.path + "/below"))
  }

  @Test func whatIsNoDatabaseIsRefusedAndLeftAlone() throws {
    mkdir(scratch.path, 0o700)
    let file = scratch.path + "/journal.sqlite"
    let text =
      "these are some notes, long enough to be looked at as the head of a file, and a little longer still, up to 100"
    let descriptor = creat(file, 0o600)
    #expect(write(descriptor, text, text.utf8.count) == text.utf8.count)
    close(descriptor)
    guard case .notAStore(file, _) = error(of: { _ = try scratch.open() }) else {
      Issue.record("it was opened")
      return
    }
    #expect(ScratchStore.names(in: scratch.path) == ["journal.sqlite"])
  }

  @Test func anotherProgramsDatabaseIsRefused() {
    mkdir(scratch.path, 0o700)
    scratch.tamper("CREATE TABLE songs (title TEXT)")
    let expected = JournalError.notAStore(path: scratch.path + "/journal.sqlite", reason: "another program wrote it")
    #expect(error { _ = try scratch.open() } == expected)
    #expect(error { _ = try scratch.open(.readOnly) } == expected)
  }

  @Test func aDatabaseWhoseMakingWasCutShortIsMadeAnew() throws {
    mkdir(scratch.path, 0o700)
    close(creat(scratch.path + "/journal.sqlite", 0o600))
    #expect(error { _ = try scratch.open(.readOnly) } == .missing(store: scratch.path))
    try scratch.open().fill(1)
    #expect(try scratch.open(.readOnly).verify().recordCount == 1)
  }

  @Test func aStoreInADirectoryThatCannotBeWrittenIsReadable() throws {
    let store = try scratch.open()
    try store.fill(3)
    let output = try #require(try store.write(noise(80_000)))
    store.close()
    try withoutPrivileges(over: scratch) {
      chmod(scratch.path, 0o500)
      let reader = try scratch.open(.readOnly)
      #expect(try reader.records(after: 0, limit: 5).count == 3)
      #expect(try reader.verify().isIntact)
      #expect(try reader.wholeOutput(output.sha256) == noise(80_000))
      chmod(scratch.path + "/journal.sqlite", 0o400)
      #expect(error { _ = try scratch.open() } == .readOnly(path: scratch.path + "/journal.sqlite"))
    }
  }

  /// Runs something as the owner of the scratch space, whom permissions bind, also where the tests run as root.
  private func withoutPrivileges(over scratch: ScratchStore, _ body: () throws -> Void) throws {
    guard geteuid() == 0 else { return try body() }
    typealias SetUser = @convention(c) (uid_t) -> Int32
    // The user for files is a thread's own, so other tests keep theirs; Glibc's module does not show the call.
    let setUser = unsafeBitCast(try #require(dlsym(nil, "setfsuid")), to: SetUser.self)
    var open = [scratch.directory]
    while let path = open.popLast() {
      lchown(path, 65_534, 65_534)
      open.append(contentsOf: ScratchStore.names(in: path).map { path + "/" + $0 })
    }
    _ = setUser(65_534)
    defer { _ = setUser(0) }
    try body()
  }
}
