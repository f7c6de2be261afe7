import CZlib
import Glibc
import Journal
import Testing

@Suite struct OutputTests {
  let scratch = ScratchStore()

  /// What zlib's own reader of gzip files finds in a file.
  private func unzip(_ path: String) -> [UInt8] {
    guard let file = gzopen(path, "rb") else { return [] }
    defer { gzclose(file) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = gzread(file, &buffer, UInt32(buffer.count))
      guard count > 0, gzdirect(file) == 0 else { return content }
      content.append(contentsOf: buffer[..<Int(count)])
    }
  }

  @Test func whereNothingWasWrittenThereIsNoOutput() throws {
    let store = try scratch.open()
    #expect(try store.write([]) == nil)
    #expect(try store.outputWriter().finish() == nil)
  }

  @Test(arguments: [1, 5, 511, 512, 513, 4096, 65_535, 65_536])
  func aSmallOutputTravelsInTheCommit(size: Int) throws {
    let store = try scratch.open()
    let bytes = noise(size)
    let output = try #require(try store.write(bytes))
    let small = try #require(output.small)
    #expect(output.sha256 == ContentHash(of: bytes).hex)
    #expect(output.bytes == Int64(size))
    #expect(output.head == bytes)
    #expect(!output.truncated)
    #expect(ScratchStore.names(in: scratch.path + "/outputs").isEmpty)
    #expect(error { _ = try store.outputHead(output.sha256) } == .outputMissing(sha256: output.sha256))
    let engine = try store.claimEngine(run: "run1")
    try store.append([.naming(output)], engine, outputs: [small])
    try store.append([.naming(output)], engine, outputs: [small])
    #expect(try store.outputHead(output.sha256) == bytes)
    #expect(try store.wholeOutput(output.sha256) == bytes)
    #expect(try store.verify().isIntact)
  }

  @Test func aSmallOutputIsAGzipFileWithoutATime() throws {
    let store = try scratch.open()
    let gzip = try #require(try store.write(Array("hello".utf8))?.small?.gzip)
    #expect(gzip.prefix(8) == [0x1f, 0x8b, 8, 0, 0, 0, 0, 0])
    let path = scratch.directory + "/small.gz"
    let file = creat(path, 0o600)
    #expect(write(file, gzip, gzip.count) == gzip.count)
    close(file)
    #expect(unzip(path) == Array("hello".utf8))
  }

  @Test(arguments: [65_537, 131_072, 1 << 20, 3_000_001])
  func aLargeOutputIsAFileBeforeTheCommit(size: Int) throws {
    let store = try scratch.open()
    let bytes = noise(size)
    let output = try #require(try store.write(bytes))
    #expect(output.small == nil)
    #expect(output.sha256 == ContentHash(of: bytes).hex)
    #expect(output.bytes == Int64(size))
    #expect(output.head == Array(bytes.prefix(1 << 20)))
    #expect(output.truncated == (size > 1 << 20))
    let folder = scratch.path + "/outputs"
    #expect(ScratchStore.names(in: folder) == [String(output.sha256.prefix(2))])
    #expect(unzip(folder + "/\(output.sha256.prefix(2))/\(output.sha256).gz") == bytes)
    #expect(try store.outputHead(output.sha256) == output.head)
    #expect(try store.wholeOutput(output.sha256) == bytes)
  }

  @Test func theStoredBytesDoNotShowHowTheOutputCame() throws {
    let bytes = Array(repeating: Array("a line of output\n".utf8), count: 20_000).flatMap { $0 } + noise(50_000)
    var files: [[UInt8]] = []
    for pieces in [bytes.count, 1000, 77] {
      let other = ScratchStore()
      let output = try #require(try other.open().write(bytes, pieces: pieces))
      let path = other.path + "/outputs/\(output.sha256.prefix(2))/\(output.sha256).gz"
      let file = open(path, O_RDONLY)
      var content = [UInt8](repeating: 0, count: bytes.count)
      content.removeLast(content.count - read(file, &content, content.count))
      close(file)
      files.append(content)
    }
    #expect(files[0] == files[1])
    #expect(files[0] == files[2])
    #expect(files[0].count < bytes.count / 3)
  }

  @Test func aDiscardedOutputLeavesNothing() throws {
    let store = try scratch.open()
    let writer = store.outputWriter()
    try noise(200_000).withUnsafeBytes { try writer.write($0) }
    #expect(ScratchStore.names(in: scratch.path + "/outputs").count == 1)
    writer.discard()
    #expect(ScratchStore.names(in: scratch.path + "/outputs").isEmpty)
    #expect(try writer.finish() == nil)
    do { try noise(200_000).withUnsafeBytes { try store.outputWriter().write($0) } }
    #expect(ScratchStore.names(in: scratch.path + "/outputs").isEmpty)
  }

  @Test func theSameLargeOutputMayBeWrittenTwice() throws {
    let store = try scratch.open()
    let first = try store.write(noise(100_000))
    #expect(try store.write(noise(100_000)) == first)
  }

  @Test func whatAKilledEngineLeftUnfinishedIsSweptOnceItIsOld() throws {
    try scratch.open().close()
    let folder = scratch.path + "/outputs/"
    for name in ["unfinished-1", "unfinished-2", "other"] { close(creat(folder + name, 0o600)) }
    var old = [timeval(tv_sec: time(nil) - 7200, tv_usec: 0), timeval(tv_sec: time(nil) - 7200, tv_usec: 0)]
    utimes(folder + "unfinished-1", &old)
    utimes(folder + "other", &old)
    let output = try #require(try scratch.open().write(noise(100_000)))
    #expect(
      Set(ScratchStore.names(in: folder)) == ["other", "unfinished-2", String(output.sha256.prefix(2))])
  }

  @Test func aTamperedOutputIsNotHandedOutAsIfItWereRight() throws {
    let store = try scratch.open()
    let engine = try store.claimEngine(run: "run1")
    let small = try #require(try store.write(Array("small".utf8)))
    let other = try #require(try store.write(Array("other".utf8)))
    try store.append([.naming(small)], engine, outputs: [small, other].compactMap(\.small))
    scratch.tamper("UPDATE outputs SET gzip = (SELECT gzip FROM outputs WHERE sha256 = '\(other.sha256)')")
    let otherHash = JournalError.outputDamaged(sha256: small.sha256, reason: "it has another hash")
    #expect(error { _ = try store.outputHead(small.sha256) } == otherHash)
    #expect(error { _ = try store.wholeOutput(small.sha256) } == otherHash)
    scratch.tamper("UPDATE outputs SET gzip = x'1f8b0800'")
    #expect(
      error { _ = try store.outputHead(small.sha256) }
        == .outputDamaged(sha256: small.sha256, reason: "it ends too early"))
    scratch.tamper("UPDATE outputs SET gzip = 'no gzip at all'")
    #expect(error { _ = try store.outputHead(small.sha256) }?.description.contains("damaged") == true)
    scratch.tamper("UPDATE outputs SET gzip = zeroblob(1000000)")
    #expect(error { _ = try store.outputHead(small.sha256) }?.description.contains("longer") == true)
  }

  @Test func whatFollowsAnOutputsEndIsNoticed() throws {
    let store = try scratch.open()
    let output = try #require(try store.write(noise(100_000)))
    let path = scratch.path + "/outputs/\(output.sha256.prefix(2))/\(output.sha256).gz"
    let file = open(path, O_WRONLY | O_APPEND)
    #expect(write(file, "more", 4) == 4)
    close(file)
    #expect(
      error { _ = try store.outputHead(output.sha256) }
        == .outputDamaged(sha256: output.sha256, reason: "something follows its end"))
  }

  @Test(arguments: ["", "..", "../../etc/passwd", String(repeating: "A", count: 64), String(repeating: "0", count: 64)])
  func anUnknownHashIsMissing(sha256: String) throws {
    let store = try scratch.open()
    #expect(error { _ = try store.outputHead(sha256) } == .outputMissing(sha256: sha256))
    #expect(error { _ = try store.wholeOutput(sha256) } == .outputMissing(sha256: sha256))
  }

  @Test func theSinksErrorEndsTheStream() throws {
    struct Enough: Error {}
    let store = try scratch.open()
    let output = try #require(try store.write(noise(300_000)))
    #expect(throws: Enough.self) { try store.output(output.sha256) { _ in throw Enough() } }
  }
}
