import Synchronization

/// The children that supervisors of this process started and have not reaped.
///
/// Every other child is an orphan: something that such a child left behind, or a program that another part of this
/// process started in its own session.
enum ChildLedger {
  /// Held while a program is being started, so that who holds it sees no child that is not yet entered.
  static let spawning = Mutex<Void>(())
  /// The number of the child by process number: a process number comes again, a child's does not.
  static let leaders = Mutex<[Int32: UInt64]>([:])
  private static let lastID = Atomic<UInt64>(0)

  /// A number for a child or a watched process, never given twice.
  static func nextID() -> UInt64 { lastID.wrappingAdd(1, ordering: .relaxed).newValue }

  static func contains(_ pid: Int32) -> Bool { leaders.withLock { $0[pid] != nil } }

  static func remove(_ pid: Int32, id: UInt64) {
    leaders.withLock { if $0[pid] == id { $0[pid] = nil } }
  }
}
