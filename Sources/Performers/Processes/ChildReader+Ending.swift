import CProcessShims
import Glibc

/// How a program's session ends, on the reader thread.
///
/// 1. A member of the session that moved to another process group (`set -m`) is not reached by `kill(-group)`, and only
///    a look at all of `/proc` finds it, which is dear. But whatever the program left behind was orphaned by its end,
///    or hangs on an orphan, and orphans become our children: where `wait` says that there is no other child, nothing
///    was left, for the price of one system call. See `adoptOrphans`.
/// 2. A member is signalled and awaited through a pidfd that was checked after it was opened, never by its number. The
///    number of the session itself cannot come again while a member lives.
/// 3. A daemon (a session of its own) is neither signalled nor awaited, but reaped; an output that it keeps open is
///    closed on our side after a bound.
/// 4. Not every member is watched at once, so that a session of thousands does not use up the descriptors: when those
///    that are have ended, the others are looked for.
extension ChildReader {
  func leaderEnded(_ child: SupervisedChild) {
    var wasSignalled = false
    var number: Int32 = 0
    switch belay_reap(child.pidfd, &wasSignalled, &number) {
    case 0: return
    case 1: child.status = wasSignalled ? .signalled(number) : .exited(number)
    default: break
    }
    ChildLedger.remove(child.pid, id: child.id)
    let isShort = monotonicMilliseconds() <= child.watchesOutputsFrom
    shared.withLock { $0.programsAreShort = isShort }
    dropLater(&child.pidfd)
    dropLater(&child.input)
    let phase = child.phase
    child.phase = .leftBehind(endAt: monotonicMilliseconds(in: leftoverPatience))
    receive(from: child, .stdout, atMost: 1 << 20)
    receive(from: child, .stderr, atMost: 1 << 20)
    let sightings = adoptOrphans() ? nil : shared.withLock { $0.orphanSightings }
    if sightings == child.orphanSightings, child.outputsAreClosed { return finish(child) }
    var signals: [Int32] = []
    switch phase {
    case .stopping(let time):
      child.phase = .endingLeftovers(killAt: time)
      // Where the stop closed the input, nothing has had TERM.
      if child.holdsInput { signals = [SIGTERM, SIGCONT] }
    case .killed: child.phase = .killedLeftovers(letGoAt: monotonicMilliseconds(in: patience.unkillable))
    default: break
    }
    due[child.id] = child
    lookForMembers(of: child, sending: signals)
  }

  /// How many members of a session are watched at once.
  private static let mostWatched = 64

  /// Watches what is left of the session, having signalled it; what got KILL before is sent it again.
  private func lookForMembers(of child: SupervisedChild, sending signals: [Int32] = []) {
    dropMembers(of: child)
    child.looksAgainAt = nil
    var signals = signals
    if case .killedLeftovers = child.phase { signals = [SIGKILL] }
    for member in ProcessTable.members(ofSessions: [child.pid]) {
      var pidfd = belay_pidfd_open(member.pid)
      guard pidfd >= 0 else {
        if errno != ESRCH { child.looksAgainAt = monotonicMilliseconds(in: Self.shortWait) }
        continue
      }
      guard ProcessTable.stat(of: member.pid)?.session == child.pid else {
        drop(&pidfd)
        continue
      }
      for signal in signals { _ = belay_pidfd_signal(pidfd, signal) }
      let id = ChildLedger.nextID()
      if child.members.count < Self.mostWatched,
        belay_poller_add(poller, pidfd, EventToken(.watch, of: id).rawValue, false) == 0
      {
        watches[id] = Watch(pid: member.pid, pidfd: pidfd, owner: child.id)
        child.members.insert(id)
      } else {
        if child.members.isEmpty { child.looksAgainAt = monotonicMilliseconds(in: Self.shortWait) }
        _ = close(pidfd)
      }
    }
    if child.members.isEmpty, child.looksAgainAt == nil { return sessionGone(child) }
    switch child.phase {
    case .endingLeftovers, .killedLeftovers: child.leftGroupMembers = true
    default: break
    }
  }

  /// Until what failed for want of a descriptor is tried again, in milliseconds.
  private static let shortWait: Int64 = 50

  private func sessionGone(_ child: SupervisedChild) {
    receive(from: child, .stdout, atMost: 1 << 20)
    receive(from: child, .stderr, atMost: 1 << 20)
    if child.outputsAreClosed { return finish(child) }
    child.looksAgainAt = nil
    let patience = shared.withLock { $0.isShutDown } ? 0 : patience.heldPipe
    child.phase = .awaitingPipes(closeAt: monotonicMilliseconds(in: patience))
  }

  func watchEnded(_ id: UInt64) {
    guard var watch = watches[id] else { return }
    var wasSignalled = false
    var status: Int32 = 0
    _ = belay_reap(watch.pidfd, &wasSignalled, &status)
    watches[id] = nil
    if watch.owner == nil { orphans.remove(watch.pid) }
    drop(&watch.pidfd)
    guard let owner = watch.owner, let child = shared.withLock({ $0.children[owner] }) else { return }
    child.members.remove(id)
    if child.members.isEmpty { lookForMembers(of: child) }
  }

  private func dropMembers(of child: SupervisedChild) {
    for id in child.members {
      if var watch = watches.removeValue(forKey: id) { drop(&watch.pidfd) }
    }
    child.members = []
  }

  func passStops() {
    let stops = shared.withLock { shared in
      defer { if !shared.stops.isEmpty { shared.stops = [] } }
      return shared.stops
    }
    for stop in stops {
      guard let child = shared.withLock({ $0.children[stop.id] }) else { continue }
      let killAt = monotonicMilliseconds(in: stop.grace)
      switch child.phase {
      case .running:
        if child.holdsInput {
          drop(&child.input)
        } else if stop.grace > 0 {
          signalSession(of: child, SIGTERM, SIGCONT)
        }
        child.phase = .stopping(killAt: killAt)
      case .stopping(let earlier): child.phase = .stopping(killAt: min(earlier, killAt))
      case .leftBehind:
        child.phase = .endingLeftovers(killAt: killAt)
        lookForMembers(of: child, sending: stop.grace > 0 ? [SIGTERM, SIGCONT] : [])
      case .endingLeftovers(let earlier): child.phase = .endingLeftovers(killAt: min(earlier, killAt))
      case .awaitingPipes(let earlier): child.phase = .awaitingPipes(closeAt: min(earlier, killAt))
      case .killed, .killedLeftovers: break
      }
      if shared.withLock({ $0.children[stop.id] }) != nil { due[child.id] = child }
    }
  }

  func passDeadlines() {
    guard !due.isEmpty else { return }
    let now = monotonicMilliseconds()
    for child in due.values {
      guard let deadline = child.phase.deadline, deadline <= now else {
        if let again = child.looksAgainAt, again <= now { lookForMembers(of: child) }
        continue
      }
      switch child.phase {
      case .running: break
      case .stopping:
        signalSession(of: child, SIGKILL)
        child.phase = .killed(letGoAt: monotonicMilliseconds(in: patience.unkillable))
      case .leftBehind:
        child.phase = .endingLeftovers(killAt: monotonicMilliseconds(in: patience.leftoverGrace))
        lookForMembers(of: child, sending: [SIGTERM, SIGCONT])
      case .endingLeftovers:
        child.phase = .killedLeftovers(letGoAt: monotonicMilliseconds(in: patience.unkillable))
        lookForMembers(of: child)
      case .killed, .killedLeftovers:
        child.outlived = true
        finish(child)
      case .awaitingPipes:
        child.pipeHeldOpen = true
        finish(child)
      }
    }
  }

  /// Signals the whole session of a program that has not been reaped, whose number is therefore still its own: its
  /// process group at once, then each member that moved to another.
  private func signalSession(of child: SupervisedChild, _ signals: Int32...) {
    for signal in signals { kill(-child.pid, signal) }
    for member in ProcessTable.members(ofSessions: [child.pid]) where member.group != child.pid {
      var pidfd = belay_pidfd_open(member.pid)
      guard pidfd >= 0 else { continue }
      if ProcessTable.stat(of: member.pid)?.session == child.pid {
        for signal in signals { _ = belay_pidfd_signal(pidfd, signal) }
      }
      drop(&pidfd)
    }
  }

  func finish(_ child: SupervisedChild) {
    dropMembers(of: child)
    due[child.id] = nil
    shared.withLock { $0.children[child.id] = nil }
    if child.pidfd >= 0 { ChildLedger.remove(child.pid, id: child.id) }
    closeDescriptors(of: child)
    hasEnded = true
    child.observer.ended(
      ProcessEnd(
        status: child.status, leftGroupMembers: child.leftGroupMembers, pipeHeldOpen: child.pipeHeldOpen,
        outlived: child.outlived))
  }

  private var leftoverPatience: Int64 {
    shared.withLock { $0.isShutDown } ? 0 : patience.leftover
  }
}
