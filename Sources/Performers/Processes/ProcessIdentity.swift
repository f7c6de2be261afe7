/// A process told apart from every other, also from a later one with the same number.
package struct ProcessIdentity: Sendable, Hashable {
  package var pid: Int32
  /// Clock ticks from boot to its start: field 22 of `/proc/PID/stat`, proc_pid_stat(5).
  package var startTime: UInt64
  /// `/proc/sys/kernel/random/boot_id`.
  package var bootID: String

  package init(pid: Int32, startTime: UInt64, bootID: String) {
    self.pid = pid
    self.startTime = startTime
    self.bootID = bootID
  }

  /// The identifier of this boot; empty where the kernel does not tell.
  package static let currentBootID: String = {
    guard let bytes = ProcessTable.contents(of: "/proc/sys/kernel/random/boot_id", atMost: 64) else { return "" }
    return String(decoding: bytes.prefix { $0 != UInt8(ascii: "\n") }, as: UTF8.self)
  }()
}

/// A program that was started and can be stopped.
package struct RunningProcess: Sendable, Hashable {
  /// Told apart from every other of its supervisor.
  package let id: UInt64
}
