import CProcessShims
import Glibc

/// What a dead engine left running, and how it is ended before another engine decides anything.
package struct Survivors {
  /// What became of them.
  package enum Outcome: Sendable, Hashable {
    /// There were none.
    case none
    /// These were alive, and have ended.
    case ended([Int32])
    /// These are still alive, or may be survivors and were left alone: what they do is still going on.
    case remaining([Int32])
  }

  /// Ends what is left of the sessions of a dead engine, and awaits it; a session that a program made for itself is
  /// left alone. `SurvivorSearch` says which is which.
  ///
  /// - Parameters:
  ///   - leaders: The programs that the engine noted; those of another boot are gone. Where it noted any, only their
  ///     sessions are ended. An effect whose start was not noted is asked about in a call of its own, with none.
  ///   - effectPrefix: What their `BELAY_EFFECT` begins with: a run and a slash, or one effect's whole value.
  ///   - grace: Milliseconds from TERM to KILL; at 0 there is no TERM.
  ///   - limit: Milliseconds from KILL until what is still alive is given up.
  package static func end(
    leaders: [ProcessIdentity], effectPrefix: String, grace: Int64, limit: Int64
  ) -> Outcome {
    let search = SurvivorSearch(leaders: leaders, effectPrefix: effectPrefix)
    var ending = SurvivorEnding(search)
    ending.signal(grace > 0 ? [SIGTERM, SIGCONT] : [SIGKILL])
    if !ending.isOver, grace > 0 {
      ending.await(until: monotonicMilliseconds(in: grace), signalling: [])
      ending.signal([SIGKILL])
    }
    if !ending.isOver { ending.await(until: monotonicMilliseconds(in: limit), signalling: [SIGKILL]) }
    return ending.outcome
  }

  /// Whether these processes end by themselves within so many milliseconds, or have ended already on this boot; they are
  /// not signalled.
  package static func awaitEnd(of leaders: [ProcessIdentity], limit: Int64) -> Bool {
    let deadline = monotonicMilliseconds(in: limit)
    for leader in leaders {
      guard leader.bootID == ProcessIdentity.currentBootID else { return false }
      let descriptor = belay_pidfd_open(leader.pid)
      guard descriptor >= 0 else {
        if errno == ESRCH { continue }
        return false
      }
      defer { close(descriptor) }
      guard isAlive(leader) else { continue }
      belay_await_all([descriptor], 1, Int32(clamping: max(0, deadline - monotonicMilliseconds())))
      if isAlive(leader) { return false }
    }
    return true
  }

  /// A process that has ended and was not reaped is not alive.
  private static func isAlive(_ leader: ProcessIdentity) -> Bool {
    guard let stat = ProcessTable.stat(of: leader.pid) else { return false }
    return stat.startTime == leader.startTime && !stat.hasEnded
  }
}

/// One ending of survivors, from look to look.
private struct SurvivorEnding {
  private let search: SurvivorSearch
  private var found: SurvivorSearch.Found
  private var seen: Set<Int32> = []

  init(_ search: SurvivorSearch) {
    self.search = search
    let found = search.look()
    // One look is not of one instant: see `ProcessTable.members`.
    self.found = found.survivors.isEmpty && found.unclear.isEmpty ? search.look() : found
  }

  var isOver: Bool { found.survivors.isEmpty }

  var outcome: Survivors.Outcome {
    let remaining = (found.survivors + found.unclear).map(\.pid)
    if !remaining.isEmpty { return .remaining(remaining.sorted()) }
    return seen.isEmpty ? .none : .ended(seen.sorted())
  }

  /// Signals what was found last.
  mutating func signal(_ signals: [Int32]) {
    for process in found.survivors {
      seen.insert(process.pid)
      guard let descriptor = openDescriptor(of: process) else { continue }
      for signal in signals { _ = belay_pidfd_signal(descriptor, signal) }
      close(descriptor)
    }
  }

  /// Waits until nothing is left or the time has come. Whenever those it waits for have ended it looks again, and
  /// signals what was born meanwhile.
  mutating func await(until deadline: Int64, signalling signals: [Int32]) {
    while !isOver {
      var descriptors: [Int32] = []
      for process in found.survivors.prefix(Int(BELAY_AWAIT_CAPACITY)) {
        if let descriptor = openDescriptor(of: process) { descriptors.append(descriptor) }
      }
      let rest = max(0, deadline - monotonicMilliseconds())
      let wait = min(rest, descriptors.isEmpty ? Self.blindWait : Self.longestWait)
      belay_await_all(descriptors, Int32(descriptors.count), Int32(wait))
      for descriptor in descriptors { close(descriptor) }
      found = search.lookAgain(at: found)
      signal(signals)
      if rest == 0 { return }
    }
  }

  /// The kernel takes the wait as 32 bits.
  private static let longestWait: Int64 = 60_000
  /// Until the next look where no descriptor was left to wait on, in milliseconds.
  private static let blindWait: Int64 = 20

  /// A descriptor of that very process: looked at again once it is open; nil where it is gone.
  private func openDescriptor(of process: ProcessStat) -> Int32? {
    let descriptor = belay_pidfd_open(process.pid)
    guard descriptor >= 0 else { return nil }
    guard let now = ProcessTable.stat(of: process.pid), now.startTime == process.startTime,
      now.session == process.session
    else {
      close(descriptor)
      return nil
    }
    return descriptor
  }
}
