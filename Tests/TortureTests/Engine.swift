import BelayTestSupport
import Glibc
import Testing

/// The program that is tortured: the release binary, as users get it.
enum Engine {
  /// The release binary that `BELAY_RELEASE` names; else the one that was built along with the tests.
  static let path: String = variable("BELAY_RELEASE") ?? BelayBinary.path

  /// The value of a variable of the environment that is not empty.
  static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}

/// strace(1), which kills the engine, or lies to it, at one of its system calls.
enum Strace {
  /// Whether processes can be traced here.
  static let works: Bool = CommandRunner.run(["sh", "-c", "strace -f -o /dev/null true"]).status == 0

  /// Where nothing can be traced the tests are skipped, save in CI: there they fail.
  static let isWanted: Bool = works || Engine.variable("CI") != nil

  /// Records a failure where nothing can be traced.
  static func require() throws {
    try #require(works, "strace is missing, or may not trace processes here")
  }

  /// What to put before a command, so that a system call of it is tampered with.
  ///
  /// The command is the direct child, strace the grandchild: the command's end is not held up by what it leaves behind.
  static func tampering(
    _ injection: String, tracing calls: String, log: String = "/dev/null", children: Bool = true
  ) -> [String] {
    let options = children ? ["-D", "-f", "-qq", "-o", log] : ["-D", "-qq", "-o", log]
    return ["strace"] + options + ["-e", "trace=\(calls)", "-e", "inject=\(injection)"]
  }
}

/// The instants at which an engine is killed: just before each of its calls of one kind.
struct KillPoints: Sendable, CustomTestStringConvertible {
  /// The system call.
  var call: String
  /// From one instant to the next.
  var stride = 1
  /// Whether children are traced along with it; not where they make such calls themselves.
  var children = true
  /// Whether the calls of all threads are counted together; else the first thread to make so many is meant.
  var ofAllThreads = false
  /// Fewer instants than this mean that the sweep went past what it is about.
  var atLeast: Int

  var testDescription: String { ofAllThreads ? call + " of any thread" : call }

  /// Each commit: it is written, and what follows from it has not begun.
  static let commits = KillPoints(call: "fdatasync", atLeast: 12)
  /// The same, whichever thread commits.
  static let eachCommit = KillPoints(call: "fdatasync", ofAllThreads: true, atLeast: 12)
  /// What is made durable when the store is created.
  static let creation = KillPoints(call: "fsync", atLeast: 2)
  /// In the middle of writing a commit, so that it is lost: an action ended, and nothing says so. A commit is at least
  /// two frames of two writes each.
  static let lostCommits = KillPoints(call: "pwrite64", stride: 4, atLeast: 10)
  /// Around a program's start and its note, and between a commit and the line that tells of it.
  static let notes = KillPoints(call: "write", children: false, atLeast: 8)

  static let all = [commits, eachCommit, creation, lostCommits, notes]

  /// What to put before a command, so that it is killed at one of the instants, counted from 1.
  func killing(at instant: Int) -> [String] {
    if ofAllThreads { return SyncInterposer.killing(at: instant) }
    return Strace.tampering("\(call):signal=SIGKILL:when=\(instant)", tracing: call, children: children)
  }
}
