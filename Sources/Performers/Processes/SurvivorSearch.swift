import CProcessShims
import Glibc

/// Which living processes a dead engine left behind.
///
/// What counts is the session, because it is what an engine gives to each program it starts, and what a daemon leaves:
///
/// 1. A *noted* session, one whose leader the engine wrote down in this boot, is the engine's where that leader lives
///    (same number, same start time). All its members are then survivors, whatever their environment.
/// 2. Where a noted leader is gone, its session is the engine's if a member carries the effect. The number of a session
///    is not given again while a member lives, so that one such member speaks for all of them.
/// 3. Where nothing was noted (the engine died between a start and its note), a session is the engine's if its leader
///    lives, carries the effect, is the earliest of such leaders with the same value, has no living ancestor that
///    carries that value, and writes to a pipe that nobody reads: the one that the engine held.
/// 4. Where nothing was noted, other processes that carry the effect, and are neither in a session of 3. nor in a
///    session that was made later by what is, may or may not be of the engine's session. They are left alone and
///    reported as unclear.
/// 5. Everything else is left alone: where a leader was noted, another session that carries the effect was made by the
///    program itself.
struct SurvivorSearch {
  /// What was found at one look.
  struct Found {
    /// The sessions that are the engine's.
    var sessions: Set<Int32> = []
    /// The members of those sessions.
    var survivors: [ProcessStat] = []
    /// Processes that may be survivors and are left alone.
    var unclear: [ProcessStat] = []
  }

  private let noted: [Int32: UInt64]
  private let nothingNoted: Bool
  private let effect: EffectPattern
  private let ownSession = getsid(0)

  init(leaders: [ProcessIdentity], effectPrefix: String) {
    let boot = ProcessIdentity.currentBootID
    noted = Dictionary(
      leaders.filter { $0.bootID == boot && $0.pid > 0 }.map { ($0.pid, $0.startTime) },
      // Of two programs with one number only the later can be alive.
      uniquingKeysWith: { max($0, $1) })
    nothingNoted = leaders.isEmpty
    effect = EffectPattern(prefix: effectPrefix)
  }

  /// Looks at every process of this machine that can be seen, and says which sessions are the engine's.
  func look() -> Found {
    let living = ProcessTable.living().filter { $0.session > 0 && $0.session != ownSession }
    var found = Found()
    found.sessions = notedSessions(living)
    if nothingNoted { addUnnoted(living, to: &found) }
    found.survivors = living.filter { found.sessions.contains($0.session) }
    return found
  }

  /// Looks again at what was found. Which sessions are the engine's is not asked again: once its leader is gone, a
  /// daemon's session would look like it.
  func lookAgain(at earlier: Found) -> Found {
    Found(
      sessions: earlier.sessions, survivors: ProcessTable.members(ofSessions: earlier.sessions),
      unclear: earlier.unclear.filter { process in
        ProcessTable.stat(of: process.pid).map { $0.startTime == process.startTime && !$0.hasEnded } ?? false
      })
  }

  /// Rules 1 and 2.
  private func notedSessions(_ living: [ProcessStat]) -> Set<Int32> {
    guard !noted.isEmpty else { return [] }
    var sessions: Set<Int32> = []
    var leaderless: [ProcessStat] = []
    for process in living {
      guard let startTime = noted[process.session], !sessions.contains(process.session) else { continue }
      if let leader = ProcessTable.stat(of: process.session) {
        // A leader that ended and is not reaped still has its number and start time.
        if leader.startTime == startTime, leader.session == leader.pid { sessions.insert(process.session) }
      } else {
        leaderless.append(process)
      }
    }
    let values = effect.values(of: leaderless)
    for process in leaderless where values[process.pid] != nil { sessions.insert(process.session) }
    return sessions
  }

  /// Rules 3 and 4.
  private func addUnnoted(_ living: [ProcessStat], to found: inout Found) {
    let values = effect.values(of: living)
    guard !values.isEmpty else { return }
    let byNumber = Dictionary(living.map { ($0.pid, $0) }, uniquingKeysWith: { first, _ in first })
    var engineSessions: [[UInt8]: Int32] = [:]
    let leaders = living.filter { $0.pid == $0.session && values[$0.pid] != nil }
    for leader in leaders.sorted(by: { ($0.startTime, $0.pid) < ($1.startTime, $1.pid) }) {
      guard let value = values[leader.pid], engineSessions[value] == nil else { continue }
      guard !hasAncestor(leader, carrying: value, values, byNumber),
        belay_writes_to_nobody(leader.pid, STDOUT_FILENO) || belay_writes_to_nobody(leader.pid, STDERR_FILENO)
      else { continue }
      engineSessions[value] = leader.pid
      found.sessions.insert(leader.pid)
    }
    for process in living {
      guard let value = values[process.pid], engineSessions[value] == nil else { continue }
      found.unclear.append(process)
    }
  }

  private func hasAncestor(
    _ process: ProcessStat, carrying value: [UInt8], _ values: [Int32: [UInt8]], _ living: [Int32: ProcessStat]
  ) -> Bool {
    var seen: Set<Int32> = [process.pid]
    var parent = process.parent
    // The table is not of one instant, so that a circle cannot be ruled out.
    while seen.insert(parent).inserted, let ancestor = living[parent] {
      if values[parent] == value { return true }
      parent = ancestor.parent
    }
    return false
  }
}

/// Tells whether a process was started for an effect: by the variable `BELAY_EFFECT` of its environment.
struct EffectPattern {
  private static let name = Array("BELAY_EFFECT=".utf8)
  private let prefix: [UInt8]

  /// A prefix that ends in a letter or digit stands for whole names: `r/1/action#1` is not `r/1/action#10`.
  init(prefix: String) { self.prefix = Array(prefix.utf8) }

  /// By process number, the values that begin with the prefix; none of a process that cannot be read.
  func values(of processes: [ProcessStat]) -> [Int32: [UInt8]] {
    guard !prefix.isEmpty else { return [:] }
    var values: [Int32: [UInt8]] = [:]
    var unsettled: [Int32] = []
    for process in processes {
      guard let environment = ProcessTable.environment(of: process.pid) else { continue }
      if environment.isEmpty { unsettled.append(process.pid) }
      if let value = value(in: environment) { values[process.pid] = value }
    }
    // A program that is being loaded shows none for a moment.
    if !unsettled.isEmpty { poll(nil, 0, Self.loadingTime) }
    for pid in unsettled {
      if let value = ProcessTable.environment(of: pid).flatMap(value(in:)) { values[pid] = value }
    }
    return values
  }

  /// How long the loading of a program may take, in milliseconds.
  private static let loadingTime: Int32 = 10

  private func value(in environment: [UInt8]) -> [UInt8]? {
    for variable in environment.split(separator: 0) where variable.starts(with: Self.name) {
      let value = Array(variable.dropFirst(Self.name.count))
      return matches(value) ? value : nil
    }
    return nil
  }

  private func matches(_ value: [UInt8]) -> Bool {
    guard value.starts(with: prefix) else { return false }
    guard value.count > prefix.count, let last = prefix.last else { return true }
    return !(Self.isWordByte(last) && Self.isWordByte(value[prefix.count]))
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"):
      true
    default: false
    }
  }
}
