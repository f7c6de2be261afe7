import BelayTestSupport
import CanonicalJSON
import Glibc

/// A store, a world that steps change, and the oracle that says what really happened there.
final class World: Sendable {
  let directory = TemporaryDirectory()

  /// The program of all steps and checks.
  ///
  /// `act VERB ID` changes the world (a marker file), undoes that, or looks at it. Each line that it tells the oracle
  /// says what, for which step, by which process, and whether the marker was there.
  private static let act = """
    #!/bin/sh
    world=${0%/*}
    id=$2
    marker=$world/marker-$id
    tell() {
      if [ -e "$marker" ]; then state=present; else state=absent; fi
      echo "$1 $id $$ $state" >> "$world/oracle"
    }
    # Tells of an earlier process of the step that is still alive.
    look_for_survivor() {
      [ -e "$world/oracle" ] || return 0
      started=
      while read -r verb step pid state; do
        [ "$verb $step" = "start $id" ] && started=$pid
      done < "$world/oracle"
      [ -n "$started" ] && read -r stat 2> /dev/null < "/proc/$started/stat" || return 0
      case $stat in
        *") Z "* | *") X "*) ;;
        *) echo "survivor $id $started present" >> "$world/oracle" ;;
      esac
    }
    # Something that stays in this session, or a daemon.
    leave_behind() {
      say='echo "left $id $$ present" >> "$world/oracle"; exec sleep 1000'
      export id world
      case $id in
        quiet) sh -c "$say" > /dev/null 2>&1 & ;;
        pipe) sh -c "$say" & ;;
        stubborn) sh -c "trap '' TERM; $say" > /dev/null 2>&1 & ;;
        daemon) setsid sh -c "$say" < /dev/null > /dev/null 2>&1 & ;;
      esac
      until grep -qs "^left $id " "$world/oracle"; do :; done
    }
    case $1 in
      do) look_for_survivor; tell start; : > "$marker"; tell done ;;
      linger) look_for_survivor; tell start; sleep 0.03; : > "$marker"; sleep 0.03; tell done ;;
      last) look_for_survivor; tell start; : > "$marker"; tell changed; sleep 5; tell done ;;
      leave) tell start; leave_behind; : > "$marker"; tell done ;;
      stay)
        [ "$id" = stubborn ] && trap '' TERM
        tell start; leave_behind; : > "$marker"; tell changed
        while :; do sleep 1000; done ;;
      undo) tell undo; rm -f "$marker"; tell undone ;;
      undo-slowly) tell undo; rm "$marker" && sleep 5; tell undone ;;
      refuse) tell undo; tell refused; exit 1 ;;
      look) look_for_survivor; tell look; [ -e "$marker" ] ;;
      is) [ -e "$marker" ] ;;
      tell) tell told ;;
    esac

    """

  init() {
    directory.write("act", Self.act, mode: 0o755)
  }

  /// The program of all steps and checks.
  var act: String { directory.path("act") }
  private var store: String { directory.path("store") }

  /// What really happened until now.
  var oracle: Oracle { Oracle(directory.read("oracle") ?? "") }

  /// The steps whose change is in place.
  func markers(of steps: [String]) -> Set<String> {
    Set(steps.filter { TestFile.exists(directory.path("marker-\($0)")) })
  }

  /// Writes a runbook of this world and gives its path.
  func write(_ runbook: Runbook) -> String { directory.write("\(runbook.name).yaml", runbook.yaml(act: act)) }

  // MARK: The engine

  /// Runs a command of the engine to its end.
  func belay(_ arguments: String..., under prefix: [String] = []) -> CommandResult {
    start(arguments, under: prefix).end()
  }

  /// Starts a command of the engine.
  func start(_ arguments: [String], under prefix: [String] = []) -> CommandRunner.Running {
    CommandRunner.start(
      prefix + [Engine.path] + arguments,
      environment: ["BELAY_STORE": store, "SWIFT_BACKTRACE": "enable=no", "BELAY_EFFECT": ""])
  }

  /// The newest run; nil where there is none.
  func lastRun() -> (id: String, status: String)? {
    let result = belay("runs", "--format", "json")
    guard result.status == 0, let runs = try? JSON.parse(result.output).array, let newest = runs.first,
      let id = newest["run"]?.string, let status = newest["status"]?.string
    else { return nil }
    return (id, status)
  }

  /// What `belay show` says of the newest run, for programs.
  func shown() -> JSON {
    let result = belay("show", "last", "--format", "json")
    return (try? JSON.parse(result.output)) ?? .null
  }

  /// What became of each change of the newest run, as `belay show` says.
  var fates: [String: String] {
    var fates: [String: String] = [:]
    for entry in shown()["residue"]?.array ?? [] {
      if let step = entry["step"]?.string, let fate = entry["fate"]?.string { fates[step] = fate }
    }
    return fates
  }

  /// Waits until the oracle says something of a step, and gives the process that said it; nil where it never came.
  func awaited(_ verb: String, _ step: String) -> Int32? {
    _ = Waiting.until { oracle.entries.contains { $0.verb == verb && $0.step == step } }
    return oracle.entries.last { $0.verb == verb && $0.step == step }?.pid
  }
}

extension CommandRunner.Running {
  /// Seconds after which an engine counts as hung; each of these runs takes a fraction of one, or some.
  private static let patience = 30

  /// Waits for its end; one that hangs is killed, and says so.
  func end() -> CommandResult {
    let hasEnded = Waiting.until(Self.patience) {
      var info = siginfo_t()
      return waitid(P_PID, id_t(pid), &info, WEXITED | WNOHANG | WNOWAIT) != 0 || info.si_signo == SIGCHLD
    }
    if hasEnded { return wait() }
    signal(SIGKILL)
    var result = wait()
    result.errors += "(hung, and was killed after \(Self.patience) s)"
    result.status = 124
    return result
  }
}

/// The processes of this machine, as far as a run started them.
enum RunProcesses {
  /// The living processes that carry an effect of the run.
  static func living(of run: String) -> [Int32] {
    var found: [Int32] = []
    guard let folder = opendir("/proc") else { return [] }
    defer { closedir(folder) }
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      // A process that ended and was not reaped shows no environment.
      guard let pid = Int32(name), let environment = TestFile.read("/proc/\(name)/environ"),
        environment.split(separator: "\0").contains(where: { $0.hasPrefix("BELAY_EFFECT=\(run)/") })
      else { continue }
      found.append(pid)
    }
    return found
  }

  /// Whether a process lives; one that ended and was not reaped does not.
  static func isAlive(_ pid: Int32) -> Bool {
    guard let stat = TestFile.read("/proc/\(pid)/stat"), let bracket = stat.lastIndex(of: ")") else { return false }
    return !["Z", "X"].contains(stat[bracket...].dropFirst(2).prefix(1))
  }
}
