import Glibc
import Testing

@testable import Performers

@Suite struct SurvivorsTests {
  /// An effect of no other test and no other run of the tests.
  private let effect = "run\(getpid())x\(UInt32.random(in: 0 ... .max))/3/action#1"

  private func end(_ leaders: [ProcessIdentity], _ prefix: String? = nil) -> Survivors.Outcome {
    Survivors.end(leaders: leaders, effectPrefix: prefix ?? effect, grace: 200, limit: 5_000)
  }

  @Test func withNothingLeftThereIsNone() {
    #expect(end([]) == .none)
    #expect(end([ProcessIdentity(pid: 1, startTime: 0, bootID: ProcessIdentity.currentBootID)]) == .none)
  }

  @Test func aNotedLeaderIsEndedWhateverItsEnvironmentSays() {
    let left = LeftBehind(LastingScript.itself, effect: nil, output: .nothing)
    #expect(end([left.identity]) == .ended([left.identity.pid]))
    #expect(!LeftBehind.isAlive(left.identity.pid))
  }

  @Test func itsMembersAreEndedEvenIfTheyIgnoreTERM() {
    let left = LeftBehind(LastingScript.withMember, effect: effect)
    guard case .ended(let pids) = end([left.identity]) else { return #expect(Bool(false), "not ended") }
    #expect(left.numbers.count == 2)
    for number in left.numbers {
      #expect(pids.contains(number))
      #expect(!LeftBehind.isAlive(number))
    }
  }

  @Test func whatHeedsTERMIsNotKilled() throws {
    let left = LeftBehind(
      "fifo=$(mktemp -u); mkfifo $fifo; trap 'rm $fifo; exit 0' TERM; echo $$ >&3; exec 3>&-; read x < $fifo",
      effect: effect, output: .nothing)
    let outcome = Survivors.end(leaders: [left.identity], effectPrefix: effect, grace: 60_000, limit: 5_000)
    guard case .ended = outcome else { return #expect(Bool(false), "\(outcome)") }
    #expect(left.reap() == 0)
  }

  @Test func theSessionOfALeaderThatIsGoneIsKnownByItsEffect() {
    let left = LeftBehind(LastingScript.onlyMember, effect: effect)
    left.reap()
    #expect(left.numbers.count == 1)
    #expect(end([left.identity]) == .ended(left.numbers))
  }

  @Test func theSessionOfALeaderThatIsGoneIsLeftAloneWithoutTheEffect() {
    let left = LeftBehind(LastingScript.onlyMember, effect: nil)
    left.reap()
    #expect(end([left.identity]) == .none)
    #expect(left.numbers.allSatisfy(LeftBehind.isAlive))
  }

  @Test func anotherProcessWithTheNumberOfALeaderIsLeftAlone() {
    let left = LeftBehind(LastingScript.itself, effect: effect)
    var identity = left.identity
    identity.startTime -= 1
    #expect(end([identity]) == .none)
    identity = left.identity
    identity.bootID = "00000000-0000-0000-0000-000000000000"
    #expect(end([identity]) == .none)
    #expect(LeftBehind.isAlive(left.identity.pid))
  }

  @Test func aDaemonOfANotedProgramIsLeftAlone() throws {
    let left = LeftBehind(LastingScript.withDaemon, effect: effect)
    #expect(left.numbers.count == 2)
    let daemon = try #require(left.numbers.first { $0 != left.identity.pid })
    #expect(end([left.identity]) == .ended([left.identity.pid]))
    #expect(LeftBehind.isAlive(daemon))
    left.reap()
    #expect(end([left.identity]) == .none)
    #expect(LeftBehind.isAlive(daemon))
  }

  @Test func whatWasNotNotedIsEndedAndItsDaemonIsNot() throws {
    let left = LeftBehind(LastingScript.withDaemon, effect: effect)
    let daemon = try #require(left.numbers.first { $0 != left.identity.pid })
    #expect(end([]) == .ended([left.identity.pid]))
    #expect(LeftBehind.isAlive(daemon))
  }

  @Test func whatWasNotNotedAndMayBeADaemonIsLeftAloneAndReported() {
    let redirected = LeftBehind(LastingScript.itself, effect: effect, output: .nothing)
    #expect(end([]) == .remaining([redirected.identity.pid]))
    #expect(LeftBehind.isAlive(redirected.identity.pid))
  }

  @Test func membersOfASessionThatWasNotNotedAndLostItsLeaderAreReported() {
    let left = LeftBehind(LastingScript.onlyMember, effect: effect)
    left.reap()
    #expect(end([]) == .remaining(left.numbers))
    #expect(left.numbers.allSatisfy(LeftBehind.isAlive))
  }

  @Test func anEffectWhoseNameGoesOnIsAnother() {
    let left = LeftBehind(LastingScript.itself, effect: effect + "0")
    #expect(end([]) == .none)
    #expect(end([], String(effect.dropLast(2))) == .ended([left.identity.pid]))
  }

  @Test func aRunsPrefixFindsAllItsEffects() {
    let run = String(effect.prefix { $0 != "/" }) + "/"
    let first = LeftBehind(LastingScript.itself, effect: run + "1/action#1")
    let second = LeftBehind(LastingScript.itself, effect: run + "2/action#1")
    #expect(end([], run) == .ended([first.identity.pid, second.identity.pid].sorted()))
  }

  @Test func moreSurvivorsThanAreAwaitedAtOnceAreAllEnded() {
    let left = LeftBehind(
      "i=0; while [ $i -lt 150 ]; do sleep 1000 3>&- & echo $! >&3; i=$((i+1)); done; \(LastingScript.itself)",
      effect: effect)
    #expect(left.numbers.count == 151)
    #expect(end([left.identity]) == .ended(left.numbers.sorted()))
    #expect(!left.numbers.contains(where: LeftBehind.isAlive))
  }

  @Test(.enabled(if: getuid() == 0)) func anotherUsersProcessRemains() async {
    let left = LeftBehind(LastingScript.withMember, effect: effect)
    let pids = left.numbers.sorted()
    let startTime = left.identity.startTime
    await #expect(processExitsWith: .success) {
      [pid = left.identity.pid as Int32, pids = pids as [Int32], startTime = startTime as UInt64] in
      precondition(setuid(65_534) == 0)
      let leader = ProcessIdentity(pid: pid, startTime: startTime, bootID: ProcessIdentity.currentBootID)
      guard case .remaining(let remaining) = Survivors.end(leaders: [leader], effectPrefix: "r/", grace: 50, limit: 50)
      else { fatalError("it was ended") }
      precondition(pids.allSatisfy(remaining.contains))
    }
    #expect(pids.allSatisfy(LeftBehind.isAlive))
  }
}
