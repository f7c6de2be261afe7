import Glibc

/// What the kernel tells of a process: proc_pid_stat(5).
struct ProcessStat: Sendable, Hashable {
  var pid: Int32
  var state: UInt8
  var parent: Int32
  var group: Int32
  var session: Int32
  var threads: UInt64
  /// Clock ticks from boot to its start.
  var startTime: UInt64

  /// It has ended and only waits to be reaped; where the first thread alone has ended, the process has not.
  var hasEnded: Bool { state == UInt8(ascii: "X") || state == UInt8(ascii: "Z") && threads <= 1 }
}

/// The processes of this machine, as `/proc` shows them.
enum ProcessTable {
  static func stat(of pid: Int32) -> ProcessStat? {
    withUnsafeTemporaryAllocation(byteCount: 1_024, alignment: 1) { buffer in
      let count = read("/proc/\(pid)/stat", into: buffer)
      return count > 0 ? parse(UnsafeRawBufferPointer(rebasing: buffer[..<count]), pid: pid) : nil
    }
  }

  /// Every process that has not ended.
  static func living() -> [ProcessStat] {
    pids(in: "/proc").compactMap(stat(of:)).filter { !$0.hasEnded }
  }

  /// The members of some sessions that have not ended.
  ///
  /// A look is not of one instant: a child can be born behind it while its parent dies before it. One that finds
  /// nothing is repeated.
  static func members(ofSessions sessions: Set<Int32>) -> [ProcessStat] {
    guard !sessions.isEmpty else { return [] }
    let members = living().filter { sessions.contains($0.session) }
    return members.isEmpty ? living().filter { sessions.contains($0.session) } : members
  }

  /// The environment a process was started with; nil where it is another user's, or gone.
  static func environment(of pid: Int32) -> [UInt8]? {
    contents(of: "/proc/\(pid)/environ", atMost: 4 << 20)
  }

  /// A file read to its end or to the bound; `errno` tells why not.
  static func contents(of path: String, atMost bound: Int) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    return withUnsafeTemporaryAllocation(byteCount: 4_096, alignment: 1) { buffer -> [UInt8]? in
      while bytes.count < bound {
        let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
        if count < 0 && errno == EINTR { continue }
        if count < 0 { return nil }
        if count == 0 { break }
        bytes.append(contentsOf: buffer[..<count])
      }
      return bytes
    }
  }

  /// The entries of a directory whose names are numbers.
  private static func pids(in path: String) -> [Int32] {
    guard let directory = opendir(path) else { return [] }
    defer { closedir(directory) }
    var found: [Int32] = []
    while let entry = readdir(directory) {
      var number: Int32 = 0
      let isNumber = withUnsafeBytes(of: &entry.pointee.d_name) { name in
        var index = 0
        while index < name.count, name[index] != 0 {
          guard name[index] >= UInt8(ascii: "0"), name[index] <= UInt8(ascii: "9") else { return false }
          number = number &* 10 &+ Int32(name[index] - UInt8(ascii: "0"))
          index += 1
        }
        return index > 0
      }
      if isNumber { found.append(number) }
    }
    return found
  }

  private static func read(_ path: String, into buffer: UnsafeMutableRawBufferPointer) -> Int {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return -1 }
    defer { close(descriptor) }
    return Glibc.read(descriptor, buffer.baseAddress, buffer.count)
  }

  /// The program's name stands in parentheses and may itself contain spaces and parentheses.
  private static func parse(_ text: UnsafeRawBufferPointer, pid: Int32) -> ProcessStat? {
    guard let name = text.lastIndex(of: UInt8(ascii: ")")), name + 2 < text.count else { return nil }
    var stat = ProcessStat(pid: pid, state: text[name + 2], parent: 0, group: 0, session: 0, threads: 0, startTime: 0)
    var field = 3
    var value: UInt64 = 0
    var index = name + 2
    while index < text.count, field <= 22 {
      let byte = text[index]
      if byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\n") {
        switch field {
        case 4: stat.parent = Int32(truncatingIfNeeded: value)
        case 5: stat.group = Int32(truncatingIfNeeded: value)
        case 6: stat.session = Int32(truncatingIfNeeded: value)
        case 20: stat.threads = value
        case 22: stat.startTime = value
        default: break
        }
        field += 1
        value = 0
      } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
        value = value &* 10 &+ UInt64(byte - UInt8(ascii: "0"))
      }
      index += 1
    }
    return field > 22 ? stat : nil
  }
}
