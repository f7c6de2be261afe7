import CProcessShims
import Glibc
import RunbookExecutor
import Synchronization

/// Starts programs, hands on what they write, and ends them with everything of their session.
///
/// Each program leads a session of its own, with nothing inherited but what its request says. No process outlives its
/// program, save one that made a session of its own. This process adopts orphans (`PR_SET_CHILD_SUBREAPER`) from the
/// first start on, and must not ignore SIGCHLD. A supervisor that is no longer used is shut down.
package final class ProcessSupervisor: Sendable {
  private enum State {
    /// Nothing was started yet: there is no thread and no descriptor.
    case idle
    case running(ChildReader)
    case shutDown
  }

  private let state = Mutex(State.idle)
  private let patience: ProcessPatience
  private let roomMade = Mutex<(@Sendable () -> Void)?>(nil)

  package init(patience: ProcessPatience = ProcessPatience()) {
    self.patience = patience
  }

  deinit { shutdown() }

  /// Lets writes to a pipe that nobody reads fail instead of ending this process; `main` calls it first of all.
  package static func ignoreSIGPIPE() {
    signal(SIGPIPE, SIG_IGN)
  }

  /// Lets this process have as many descriptors as it may; programs are started with the limit there was before.
  ///
  /// Called before the first start. Where the system says no, there are fewer programs at once.
  package static func raiseDescriptorLimit() { _ = belay_raise_descriptor_limit() }

  /// Keeps this process's memory out of core dumps and from other processes of the same user, before secrets are in it.
  package static func keepMemoryPrivate() { belay_keep_memory_private() }

  /// How many programs there can be at once: each takes three pipes, a descriptor of its own, and two outputs' files.
  package static var mostPrograms: Int { max(8, (belay_descriptor_limit() - 128) / 6) }

  /// Says who hears that programs have ended and their descriptors are closed; called before the first start.
  package func whenRoomIsMade(_ tell: @escaping @Sendable () -> Void) { roomMade.withLock { $0 = tell } }

  /// Starts a program from the calling thread, which is held up until it runs or is refused.
  ///
  /// The observer is kept until it has heard the end; it may hear everything before this returns.
  package func start(
    _ request: ProcessRequest, observer: any ProcessObserver
  ) throws(SpawnError) -> RunningProcess {
    var process: RunningProcess?
    try start(request, observer: observer, stays: false) { process = $0 }
    guard let process else { throw .shutDown }
    return process
  }

  /// The same, with word of the program as soon as it runs, and before its end is seen.
  ///
  /// - Parameters:
  ///   - stays: Whether the thread then waits for the end itself, for some milliseconds at the most, where programs have
  ///     been short.
  ///   - runs: Called once the program runs, and can be stopped.
  package func start(
    _ request: ProcessRequest, observer: any ProcessObserver, stays: Bool, runs: (RunningProcess) -> Void
  ) throws(SpawnError) {
    let reader: ChildReader? = try state.withLock { state throws(SpawnError) -> ChildReader? in
      switch state {
      case .running(let reader): return reader
      case .shutDown: return nil
      case .idle:
        let reader = try ChildReader(patience: patience, roomMade: roomMade.withLock { $0 })
        try reader.run()
        state = .running(reader)
        return reader
      }
    }
    guard let reader else { throw .shutDown }
    try reader.start(request, observer: observer, stays: stays, runs: runs)
  }

  /// TERM to the whole session (its input closed instead, where that is held open), KILL after `grace` milliseconds (at once if 0); returns at once, `ended` follows.
  ///
  /// Of several stops the earliest KILL counts. A program that has ended is left alone.
  package func stop(_ process: RunningProcess, grace: Int64) {
    guard case .running(let reader) = state.withLock({ $0 }) else { return }
    reader.stop(process.id, grace: grace)
  }

  /// Gives more to a program whose input is held open; returns at once. What comes after its input was closed is lost.
  package func send(_ bytes: [UInt8], to process: RunningProcess) {
    guard case .running(let reader) = state.withLock({ $0 }) else { return }
    reader.send(bytes, to: process.id)
  }

  /// Kills every session and returns when each program's end has been reported; nothing can be started any more.
  ///
  /// Called by an observer it returns at once, and the ends follow.
  package func shutdown() {
    let reader = state.withLock { state -> ChildReader? in
      defer { state = .shutDown }
      guard case .running(let reader) = state else { return nil }
      return reader
    }
    reader?.shutDown()
  }
}

extension ProcessSupervisor: EventSource {
  /// Lets a thread that waits for an end see to all programs meanwhile; false where the reader thread does.
  package func wait(atMost milliseconds: Int64?, forSeveral: Bool, until isReady: () -> Bool) -> Bool {
    guard case .running(let reader) = state.withLock({ $0 }) else { return false }
    return reader.wait(atMost: milliseconds, forSeveral: forSeveral, until: isReady)
  }

  package func wake() {
    guard case .running(let reader) = state.withLock({ $0 }) else { return }
    reader.wake()
  }
}
