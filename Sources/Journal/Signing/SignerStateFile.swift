import Glibc

/// The file that a signer's state lies in, beside its key.
///
/// Two slots are written in turn, each with the hash of what it holds: whatever a crash does to one, the other has the
/// state before. Nothing is renamed and nothing synced, so that a checkpoint costs no sync of its own; an older state
/// lets less be seen, and nothing wrong.
struct SignerStateFile {
  /// The length of a slot: more than a tree of 2^63 leaves takes.
  static let slotSize = 8192

  let path: String
  private let file: Int32

  /// Opens the file, and makes it with an empty state where `creating`.
  init(at path: String, creating: Bool) throws(JournalError) {
    self.path = path
    let flags = O_RDWR | O_NOFOLLOW | O_CLOEXEC | (creating ? O_CREAT | O_EXCL : 0)
    file = open(path, flags, 0o600)
    guard file >= 0 else {
      throw .signing(
        "the signer's state \(path) cannot be opened (\(String(cString: strerror(errno)))): restore it, or begin anew "
          + "with `belay audit init --renew`")
    }
    guard creating else { return }
    do {
      try write(SignerState(), over: nil)
      guard fsync(file) == 0 else { throw JournalError.system(errno, path: path, operation: "make it durable") }
    } catch {
      close()
      throw error as? JournalError ?? .signing("\(error)")
    }
  }

  /// Reads the state for somebody who may only read.
  static func read(at path: String) throws(JournalError) -> SignerState {
    let file = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard file >= 0 else {
      throw .failed(path: path, operation: "read the signer's state", reason: String(cString: strerror(errno)))
    }
    defer { Glibc.close(file) }
    guard let newest = slots(of: file).compactMap({ $0 }).max(by: { $0.size < $1.size }) else {
      throw .failed(path: path, operation: "read the signer's state", reason: "it holds none that is whole")
    }
    return newest
  }

  func close() { Glibc.close(file) }

  /// Waits until no other signer has it, and keeps the others waiting.
  func lock() throws(JournalError) {
    while flock(file, LOCK_EX) != 0 {
      guard errno == EINTR else { throw .system(errno, path: path, operation: "lock the signer's state") }
    }
  }

  func unlock() { flock(file, LOCK_UN) }

  /// The newest state, and in which slot it lies.
  func read() throws(JournalError) -> (state: SignerState, slot: Int) {
    let slots = Self.slots(of: file)
    guard
      let slot = slots.indices.filter({ slots[$0] != nil }).max(by: { slots[$0]?.size ?? -1 < slots[$1]?.size ?? -1 }),
      let state = slots[slot]
    else {
      throw .signing(
        "the signer's state \(path) holds none that is whole: restore it from a backup, or begin anew with "
          + "`belay audit init --renew`")
    }
    return (state, slot)
  }

  /// Keeps a state.
  ///
  /// - Parameter slot: Where the one before lies, which stays.
  func write(_ state: SignerState, over slot: Int?) throws(JournalError) {
    let content = state.bytes
    var bytes = Array(ContentHash(of: content).hex.utf8) + [0x0A] + content + [0x0A]
    bytes += [UInt8](repeating: 0, count: Self.slotSize - bytes.count)
    let place = slot == 0 ? Self.slotSize : 0
    guard pwrite(file, bytes, bytes.count, off_t(place)) == bytes.count else {
      throw .system(errno, path: path, operation: "write the signer's state")
    }
  }

  private static func slots(of file: Int32) -> [SignerState?] {
    var bytes = [UInt8](repeating: 0, count: 2 * slotSize)
    let count = pread(file, &bytes, bytes.count, 0)
    return (0..<2).map { slot in
      guard count >= (slot + 1) * slotSize else { return nil }
      let content = bytes[(slot * slotSize)..<((slot + 1) * slotSize)]
      let lines = content.split(separator: 0x0A, maxSplits: 2, omittingEmptySubsequences: false)
      guard lines.count == 3 else { return nil }
      let text = Array(lines[1])
      guard ContentHash(of: text).hex.utf8.elementsEqual(lines[0]) else { return nil }
      return SignerState(text)
    }
  }
}
