import Glibc

/// A file in the making for an output too long for a commit: gzip's form, under a name that nothing looks for.
final class OutputFile {
  private let directory: StoreDirectory
  private let name: String
  private let encoder = GzipEncoder()
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
  private var file: Int32
  private var isInPlace = false

  init(in directory: StoreDirectory) throws(JournalError) {
    self.directory = directory
    let random = UInt64.random(in: 0 ... .max)
    name = StoreDirectory.outputsName + "/" + AbandonedOutputs.prefix + String(random, radix: 16)
    file = directory.open(name, O_WRONLY | O_CREAT | O_EXCL, mode: 0o600)
    guard file >= 0 else {
      throw .system(errno, path: directory.path(of: name), operation: "create an output's file")
    }
    AbandonedOutputs.mark(file)
  }

  deinit {
    if !isInPlace { directory.remove(name) }
    if file >= 0 { Glibc.close(file) }
    buffer.deallocate()
  }

  /// Where the output of this hash lies: `outputs/` and the first two digits, then all of them.
  static func path(of sha256: String) -> String {
    StoreDirectory.outputsName + "/" + sha256.prefix(2) + "/" + sha256 + ".gz"
  }

  func write(_ bytes: [UInt8]) throws(JournalError) {
    try bytes.withUnsafeBufferPointer { bytes throws(JournalError) in
      try encode(UnsafeRawBufferPointer(bytes), isLast: false)
    }
  }

  /// Puts the file where its hash belongs, and makes it and its name durable.
  func finish(as sha256: String) throws(JournalError) {
    try encode(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true)
    try directory.sync(file, of: directory.path(of: name))
    let folder = StoreDirectory.outputsName + "/" + sha256.prefix(2)
    let isNew = directory.reach(folder) { mkdirat($0, $1, 0o700) } == 0
    guard isNew || errno == EEXIST else { throw failure("create the directory") }
    guard directory.rename(name, to: Self.path(of: sha256)) else {
      throw failure("put an output in its place")
    }
    isInPlace = true
    try syncDirectory(folder)
    // Another process may have made the folder a moment ago, without having come as far as to sync its name.
    try syncDirectory(StoreDirectory.outputsName)
  }

  private func encode(_ bytes: UnsafeRawBufferPointer, isLast: Bool) throws(JournalError) {
    try encoder.encode(bytes, isLast: isLast, buffer: buffer) { piece throws(JournalError) in
      var rest = piece
      while !rest.isEmpty {
        let count = Glibc.write(file, rest.baseAddress, rest.count)
        if count < 0, errno == EINTR { continue }
        guard count > 0 else { throw failure("write an output") }
        rest = UnsafeRawBufferPointer(rebasing: rest[count...])
      }
    }
  }

  private func syncDirectory(_ name: String) throws(JournalError) {
    let descriptor = directory.open(name, O_RDONLY | O_DIRECTORY)
    guard descriptor >= 0 else { throw failure("open the directory") }
    defer { Glibc.close(descriptor) }
    try directory.sync(descriptor, of: directory.path(of: name))
  }

  private func failure(_ operation: String) -> JournalError {
    .system(errno, path: directory.path(of: name), operation: operation)
  }
}
