import Glibc

/// The children of this process's first thread, to which the kernel hands what orphans this process adopts
/// (`find_new_reaper`); the children that other threads started are not among them, and known without it.
///
/// The file stays open: it is read whenever a program ends while another runs.
struct OrphanList: ~Copyable {
  static let shared = OrphanList()

  private let descriptor: Int32

  private init() { descriptor = open("/proc/self/task/\(getpid())/children", O_RDONLY | O_CLOEXEC) }

  /// Process numbers; nil where the kernel does not tell.
  func children() -> [Int32]? {
    guard descriptor >= 0 else { return nil }
    return withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer -> [Int32]? in
      var children: [Int32] = []
      var number: Int32 = 0
      var offset = 0
      while true {
        let count = pread(descriptor, buffer.baseAddress, buffer.count, offset)
        if count < 0, errno == EINTR { continue }
        if count < 0 { return nil }
        offset += count
        for byte in buffer[..<count] {
          if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
            number = number &* 10 &+ Int32(byte - UInt8(ascii: "0"))
          } else if number > 0 {
            children.append(number)
            number = 0
          }
        }
        // Where there is more, a page of the kernel's is full.
        if count < buffer.count / 2 { return children }
      }
    }
  }
}
