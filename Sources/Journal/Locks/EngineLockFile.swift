import Glibc

/// The file whose lock a run's engine holds, and in which it notes what must not be forgotten when it is killed.
///
/// Its lines: `engine EPOCH PID` where an engine began, `note TEXT`, and `released` where it ended in order.
struct EngineLockFile {
  /// A file longer than this is not read to its end, in bytes.
  private static let readLimit = 1 << 22
  /// `F_OFD_GETLK` and `F_OFD_SETLK` of fcntl(2): the lock belongs to the open file, not to the process, so it is
  /// neither dropped by another descriptor's closing nor shared between two stores in one process.
  private static let getLock: Int32 = 36
  private static let setLock: Int32 = 37

  let directory: StoreDirectory
  let run: String

  /// Throws `unusableRunName` for what cannot safely be part of a file's name.
  init(_ run: String, in directory: StoreDirectory) throws(JournalError) {
    let isUsable =
      (1...64).contains(run.utf8.count)
      && run.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
          true
        default: false
        }
      }
    guard isUsable else { throw .unusableRunName(run) }
    self.directory = directory
    self.run = run
  }

  private var name: String { StoreDirectory.enginesName + "/" + run + ".lock" }

  /// Takes the lock without waiting; the descriptor holds it until it is closed.
  func take() throws(JournalError) -> Int32 {
    let file = directory.open(name, O_RDWR | O_CREAT, mode: 0o600)
    guard file >= 0 else { throw failure("open the engine's lock") }
    var lock = Self.wholeFile
    guard fcntl(file, Self.setLock, &lock) == 0 else {
      let number = errno
      defer { Glibc.close(file) }
      if number == EAGAIN || number == EACCES {
        throw .engineBusy(run: run, pid: Self.lastEngine(Self.lines(of: file)))
      }
      throw .system(number, path: directory.path(of: name), operation: "take the engine's lock")
    }
    return file
  }

  /// Notes that this process drives the run, behind the notes of engines that were killed.
  func begin(_ file: Int32, epoch: Int64) throws(JournalError) {
    let lines = Self.lines(of: file)
    // What the engines before one that ended in order have left behind, that one has dealt with.
    var kept = ArraySlice(lines)
    if lines.last == "released", let start = lines.lastIndex(where: { $0.hasPrefix("engine ") }) {
      kept = lines[start...]
    }
    let text = kept.map { $0 + "\n" }.joined() + "engine \(epoch) \(getpid())\n"
    guard lseek(file, 0, SEEK_SET) == 0, Self.write(text, to: file), ftruncate(file, off_t(text.utf8.count)) == 0
    else { throw failure("write the engine's lock") }
  }

  /// Whether an engine holds the lock.
  var isTaken: Bool {
    let file = directory.open(name, O_RDONLY)
    guard file >= 0 else { return false }
    defer { Glibc.close(file) }
    var lock = Self.wholeFile
    return fcntl(file, Self.getLock, &lock) == 0 && lock.l_type != Int16(F_UNLCK)
  }

  /// The notes of the last engines, in order.
  var notes: [String] {
    let file = directory.open(name, O_RDONLY)
    guard file >= 0 else { return [] }
    defer { Glibc.close(file) }
    return Self.lines(of: file).compactMap { $0.hasPrefix("note ") ? String($0.dropFirst(5)) : nil }
  }

  /// Writes a text where the last one ended; false where not all of it could be written.
  static func write(_ text: String, to file: Int32) -> Bool {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return false }
      bytes = bytes.dropFirst(count)
    }
    return true
  }

  private static var wholeFile: flock {
    var lock = flock()
    lock.l_type = Int16(F_WRLCK)
    lock.l_whence = Int16(SEEK_SET)
    return lock
  }

  /// The complete lines of the file.
  private static func lines(of file: Int32) -> [String] {
    var content: [UInt8] = []
    while content.count < readLimit {
      let count = withUnsafeTemporaryAllocation(byteCount: 4096, alignment: 1) { buffer in
        let count = pread(file, buffer.baseAddress, buffer.count, off_t(content.count))
        if count > 0 { content.append(contentsOf: buffer[..<count]) }
        return count
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
    }
    return content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast().map {
      String(decoding: $0, as: UTF8.self)
    }
  }

  private static func lastEngine(_ lines: [String]) -> Int32? {
    lines.last { $0.hasPrefix("engine ") }?.split(separator: " ").last.flatMap { Int32($0) }
  }

  private func failure(_ operation: String) -> JournalError {
    .system(errno, path: directory.path(of: name), operation: operation)
  }
}
