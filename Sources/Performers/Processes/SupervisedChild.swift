import CProcessShims
import Glibc

/// A program that was started and has not been reported as ended.
///
/// Once it is entered in its reader's table, what changes is touched only where the reader is `alone`.
final class SupervisedChild: @unchecked Sendable {
  /// Where the ending of a program stands. Times are the monotonic clock's milliseconds.
  enum Phase {
    /// The program runs.
    case running
    /// It got TERM and gets KILL at the time given.
    case stopping(killAt: Int64)
    /// It got KILL and is let go at the time given.
    case killed(letGoAt: Int64)
    /// It has ended; what it left may end by itself until the time given.
    case leftBehind(endAt: Int64)
    /// What it left got TERM and gets KILL at the time given.
    case endingLeftovers(killAt: Int64)
    /// What it left got KILL and is let go at the time given.
    case killedLeftovers(letGoAt: Int64)
    /// Nothing of its session is left; an output is still open, and is closed at the time given.
    case awaitingPipes(closeAt: Int64)

    /// When something is due.
    var deadline: Int64? {
      switch self {
      case .running: nil
      case .stopping(let time), .killed(let time), .leftBehind(let time), .endingLeftovers(let time),
        .killedLeftovers(let time), .awaitingPipes(let time):
        time
      }
    }

    /// The program itself has not ended.
    var isLeaderAlive: Bool {
      switch self {
      case .running, .stopping, .killed: true
      case .leftBehind, .endingLeftovers, .killedLeftovers, .awaitingPipes: false
      }
    }
  }

  let id: UInt64
  let pid: Int32
  let observer: any ProcessObserver
  /// When it was started, as `/proc` says it, where the clock told.
  let startTime: UInt64?
  var pidfd: Int32
  var input: Int32
  var output: Int32
  var errors: Int32
  var phase = Phase.running
  var status = ProcessEnd.Status.unended
  var leftGroupMembers = false
  var pipeHeldOpen = false
  var outlived = false
  /// The reader's count of sightings when it was started: where it has grown, an orphan turned up while the program
  /// ran, and its session must be looked for when it ends.
  let orphanSightings: Int
  /// The watches on what is left of its session.
  var members: Set<UInt64> = []
  /// From when on the poller watches its outputs.
  var watchesOutputsFrom: Int64 = 0
  /// The thread that started it stays with it, and nobody else watches it meanwhile.
  var isAttended = false
  /// When to look for members again, because one could not be watched for want of a descriptor.
  var looksAgainAt: Int64?
  /// Standard input stays open when there is nothing to give.
  let holdsInput: Bool
  /// The poller tells when its input takes more.
  var isFeeding = false
  private var bytes: [UInt8]
  private var written = 0

  init(
    id: UInt64, started: belay_spawn_result, request: ProcessRequest, observer: any ProcessObserver,
    orphanSightings: Int
  ) {
    self.id = id
    self.pid = started.pid
    self.startTime = UInt64(exactly: started.start_time)
    self.pidfd = started.pidfd
    self.input = started.input
    self.output = started.output
    self.errors = started.errors
    self.bytes = request.input ?? []
    self.holdsInput = request.holdsInput && request.input != nil
    self.observer = observer
    self.orphanSightings = orphanSightings
  }

  /// When something is due for it.
  var nextDeadline: Int64? {
    guard let looksAgainAt else { return phase.deadline }
    return min(looksAgainAt, phase.deadline ?? looksAgainAt)
  }

  var outputsAreClosed: Bool { output < 0 && errors < 0 }

  /// Adds to what is still to be given.
  func append(_ more: [UInt8]) {
    bytes.removeFirst(written)
    written = 0
    bytes += more
  }

  /// Gives the program as much of its input as its pipe takes; true when nothing is left to give.
  func feed() -> Bool {
    bytes.withUnsafeBytes { bytes in
      while written < bytes.count {
        let rest = UnsafeRawBufferPointer(rebasing: bytes[written...])
        let count = write(input, rest.baseAddress, rest.count)
        if count >= 0 {
          written += count
        } else if errno == EAGAIN {
          return false
        } else if errno != EINTR {
          return true
        }
      }
      return true
    }
  }
}

/// What an event is about, packed into the 64 bits that the poller hands back.
struct EventToken {
  enum Kind: UInt64 {
    case wakeup, exit, input, stdout, stderr, watch
  }

  let id: UInt64
  let kind: Kind

  init(_ kind: Kind, of id: UInt64) {
    self.kind = kind
    self.id = id
  }

  init?(rawValue: UInt64) {
    guard let kind = Kind(rawValue: rawValue & 7) else { return nil }
    self.kind = kind
    self.id = rawValue >> 3
  }

  var rawValue: UInt64 { id << 3 | kind.rawValue }
}

/// The monotonic clock's milliseconds.
func monotonicMilliseconds() -> Int64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000
}

/// The time so many milliseconds from now on the monotonic clock; a wait below 0 is none, one of ages is for ever.
func monotonicMilliseconds(in wait: Int64) -> Int64 {
  let (time, isForEver) = monotonicMilliseconds().addingReportingOverflow(max(0, wait))
  return isForEver ? .max : time
}
