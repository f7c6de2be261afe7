import BelayTestSupport
import CanonicalJSON
import Glibc

/// A folder of a test's own that this machine and the far one share, with programs in it that tell what happened to them.
struct FarWorld {
  /// Ends, with the world, what a test that failed would leave running.
  private final class Ending: Sendable {
    let directory = TemporaryDirectory()

    deinit {
      for pid in FarWorld.pids(in: directory) {
        let words = TestFile.read("/proc/\(pid)/cmdline") ?? ""
        if words.contains(directory.path) || words.contains("100000") { kill(pid, SIGKILL) }
      }
    }
  }

  private let ending = Ending()
  var directory: TemporaryDirectory { ending.directory }
  /// Variables of the engine.
  var environment: [String: String] = [:]

  var store: String { directory.path("store") }

  /// A word that holds whatever a shell might take for its own.
  static let words = [
    "plain", "two words", "it's", "\"quoted\"", "$HOME `id` $(id) ${x}", "two\nlines\n", "-x", "--", "", "*", "\\",
    "\\n",
    "!!", "a'\\''b", "grüße 日本語 \u{2028}\u{1F600}", "%s", "\t", "\n", ";&|<>", "~", "#", "{a,b}",
  ]

  /// A program that writes its arguments, one after the other with a NUL behind each, to a file.
  func recordingWords() -> String {
    directory.write("record-words", "#!/bin/sh\nprintf '%s\\0' \"$@\" > '\(directory.path("words"))'\n", mode: 0o755)
  }

  /// What `recordingWords` was given.
  var recordedWords: [String]? {
    directory.read("words").map { text in
      text.split(separator: "\0", omittingEmptySubsequences: false).dropLast().map(String.init)
    }
  }

  /// A program that writes to a file which processes have the values of some variables, or a word, in their arguments.
  ///
  /// It looks with the shell alone, so that the looking puts nothing into an argument list.
  func lookingAtArguments() -> String {
    directory.write(
      "look-at-arguments",
      """
      #!/bin/bash
      for file in /proc/[0-9]*/cmdline; do
        mapfile -d '' words < "$file" 2>/dev/null || continue
        for word in "${words[@]}"; do
          case $word in *"$PLAIN"*) echo "PLAIN $file";; esac
          case $word in *"$TOKEN"*) echo "TOKEN $file";; esac
          case $word in *"canary-in-an-argument"*) echo "CANARY $file";; esac
        done
      done > '\(directory.path("seen"))'
      printf '%s\\n' "$PLAIN" "$TOKEN" > '\(directory.path("variables"))'

      """, mode: 0o755)
  }

  /// A program that goes on for ever with a child, having written the numbers of both to `pids`; deaf to TERM if wished.
  func goingOn(deaf: Bool = false) -> String {
    directory.write(
      "go-on",
      """
      #!/bin/sh
      \(deaf ? "trap '' TERM" : ":")
      sleep 100000 &
      echo "$$ $!" >> '\(directory.path("pids"))'
      while :; do wait; sleep 100000; done

      """, mode: 0o755)
  }

  /// The processes that `goingOn` has written down, in the order of their starts.
  var pids: [pid_t] { Self.pids(in: directory) }

  private static func pids(in directory: TemporaryDirectory) -> [pid_t] {
    (directory.read("pids") ?? "").split(whereSeparator: { $0 == " " || $0 == "\n" }).compactMap { pid_t($0) }
  }

  /// Whether a process runs; one that only waits to be reaped does not.
  static func isRunning(_ pid: pid_t) -> Bool {
    guard let stat = TestFile.read("/proc/\(pid)/stat"), let end = stat.lastIndex(of: ")") else { return false }
    return !stat[end...].dropFirst(2).hasPrefix("Z")
  }

  /// Waits until what `goingOn` has written down has ended.
  func allHaveEnded(within seconds: Int = 30) -> Bool {
    Waiting.until(seconds) { pids.allSatisfy { !Self.isRunning($0) } }
  }

  /// The processes whose parent this is and whose program has this name.
  static func children(of parent: pid_t, named name: String) -> [pid_t] {
    CommandRunner.run(["pgrep", "-P", "\(parent)", "-x", name]).output.split(separator: "\n").compactMap { pid_t($0) }
  }

  /// A text as YAML reads it back, which takes U+2028 for a line break where it is not escaped.
  static func quoted(_ text: String) -> String {
    String(decoding: JSON.string(text).canonicalBytes(), as: UTF8.self)
      .split(separator: "\u{2028}", omittingEmptySubsequences: false).joined(separator: "\\u2028")
  }

  /// Writes a runbook of these lines of steps.
  func runbook(_ head: String = "", steps: String) -> String {
    directory.write("runbook.yaml", "belay: 1\nname: elsewhere\nversion: 1.0.0\n\(head)\nsteps:\n\(steps)\n")
  }

  func belay(_ arguments: String...) -> CommandResult {
    BelayBinary.run(arguments, store: store, environment: environment)
  }

  func start(_ arguments: String...) -> CommandRunner.Running {
    BelayBinary.start(arguments, store: store, environment: environment)
  }

  /// The identifier of the one run.
  var run: String {
    let lines = belay("runs").output.split(separator: "\n")
    return lines.count > 1 ? String(lines[1].prefix { $0 != " " }) : ""
  }
}
