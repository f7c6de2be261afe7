/// Which of a program's two outputs bytes came from.
package enum OutputStream: Sendable, Hashable {
  case stdout
  case stderr
}

/// How a program ended, and what had to be done about what it left.
package struct ProcessEnd: Sendable, Hashable {
  package enum Status: Sendable, Hashable {
    /// It ended by itself, with this exit status.
    case exited(Int32)
    /// A signal of this number ended it.
    case signalled(Int32)
    /// It did not end on KILL within `ProcessPatience.unkillable` (another user's, or stuck in the kernel), and was let
    /// go.
    case unended
  }

  package var status: Status
  /// Something of its session was still alive when it had ended, and was ended.
  package var leftGroupMembers: Bool
  /// A process outside its session kept an output open for longer than `ProcessPatience.heldPipe`; our end was closed.
  package var pipeHeldOpen: Bool
  /// Something of its session could not be ended and may still be running.
  package var outlived: Bool

  package init(status: Status, leftGroupMembers: Bool = false, pipeHeldOpen: Bool = false, outlived: Bool = false) {
    self.status = status
    self.leftGroupMembers = leftGroupMembers
    self.pipeHeldOpen = pipeHeldOpen
    self.outlived = outlived
  }
}

/// Hears that a program was started, what it writes and that it ended.
///
/// Called on one thread at a time, one that reads or that stays with the program: whatever it does holds up every other program's output.
package protocol ProcessObserver: AnyObject, Sendable {
  /// Called once, first; may come before `start` has returned.
  func started(_ identity: ProcessIdentity)
  /// The bytes are valid during the call only.
  func output(_ bytes: UnsafeRawBufferPointer, from stream: OutputStream)
  /// Called once, last, when nothing of the program's session is left; may come before `start` has returned.
  func ended(_ end: ProcessEnd)
}

/// How long the supervisor waits for what, in milliseconds.
package struct ProcessPatience: Sendable {
  /// For what a program that ended by itself left behind to end by itself too, before TERM: a `tee` still writing.
  package var leftover: Int64
  /// From TERM to KILL for what it left behind.
  package var leftoverGrace: Int64
  /// For an output to be closed once nothing of the session is left.
  package var heldPipe: Int64
  /// For the kernel to end what got KILL.
  package var unkillable: Int64

  package init(
    leftover: Int64 = 100, leftoverGrace: Int64 = 2_000, heldPipe: Int64 = 2_000, unkillable: Int64 = 5_000
  ) {
    self.leftover = leftover
    self.leftoverGrace = leftoverGrace
    self.heldPipe = heldPipe
    self.unkillable = unkillable
  }
}
