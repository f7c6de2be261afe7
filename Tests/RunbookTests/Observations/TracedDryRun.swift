import BelayTestSupport
import CanonicalJSON
import KubernetesStandIn

/// A dry run under strace(1), and what it did.
///
/// What runs in the pods of a stand-in's cluster is no child of the run: each program there has a strace of its own.
struct TracedDryRun {
  /// A program that the run started, here or in a pod.
  struct Start {
    var path: String
    var words: [String]
    /// The arguments that lead `kubectl exec` to the pod; nil where it was started here.
    var place: [String]?
    /// What it became, or started in its turn.
    var below: [SystemCallTrace.Command]
  }

  let result: CommandResult
  /// What the run wrote down, in order.
  private(set) var events: [JSON] = []
  /// What the run started itself.
  private(set) var starts: [Start] = []
  /// What the run connected to itself.
  private(set) var connections: [SystemCallTrace.Connection] = []
  /// What could not be told.
  private(set) var unread: [String] = []

  private static let options = [
    "-f", "-qq", "-yy", "-s", "10000000", "-e", "signal=none", "-e",
    // Beside what is started and reached, who did it.
    "trace=execve,execveat,connect,clone,clone3,fork,vfork",
  ]

  /// Runs a runbook dry, with nobody there to answer.
  ///
  /// - Parameter cluster: Where the run's pods are.
  init(_ file: String, options: [String], variables: [String: String] = [:], cluster: KubernetesStandIn? = nil) {
    let directory = TemporaryDirectory()
    let inPods = directory.path("pod-")
    cluster?.startPrograms { ["strace"] + Self.options + ["-o", "\(inPods)\($0)", "--"] }
    result = CommandRunner.run(
      ["strace"] + Self.options + [
        "-o", directory.path("here"), "--", BelayBinary.path, "run", file, "--dry-run", "--json", "--store",
        directory.path("store"),
      ] + options, environment: variables.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 })
    cluster?.startPrograms { _ in [] }
    for line in result.output.split(separator: "\n") {
      if let event = try? JSON.parse(String(line)) { events.append(event) } else { unread.append(String(line)) }
    }
    var pods: [SystemCallTrace] = []
    while let text = directory.read("pod-\(pods.count + 1)") { pods.append(SystemCallTrace(text)) }
    take(SystemCallTrace(directory.read("here") ?? ""), pods)
  }

  private mutating func take(_ here: SystemCallTrace, _ pods: [SystemCallTrace]) {
    connections = here.connections
    unread += here.unread + pods.flatMap(\.unread)
    unread += here.became.map { "the run became \($0.words)" }
    var ownless = pods
    for start in here.starts {
      guard let client = PodClient(start.command.words) else {
        starts.append(
          Start(path: start.command.path, words: start.command.words, place: nil, below: start.below))
        continue
      }
      // `kubectl` starts nothing here, for a configuration that names no program to log in with.
      unread += start.below.map { "\(client.place) started \($0.words)" }
      guard let place = ownless.firstIndex(where: { client.isServed(by: $0) }) else {
        unread.append("nothing is known of what was started on \(client.place)")
        continue
      }
      guard let far = client.program(in: ownless.remove(at: place)) else {
        unread.append("nothing was started on \(client.place)")
        continue
      }
      unread += far.besides.map { "\($0.words) was started on \(client.place) besides" }
      starts.append(
        Start(path: far.program.path, words: far.program.words, place: client.place, below: far.below))
    }
    for pod in ownless { takeOver(pod) }
  }

  /// What a program has run in a pod by itself, with a `kubectl exec` of its own, is below that program.
  private mutating func takeOver(_ pod: SystemCallTrace) {
    let commands = pod.becoming.map(\.command)
    guard let words = commands.first?.words,
      let place = starts.firstIndex(where: { start in
        ([start.words] + start.below.map(\.words)).contains {
          $0.contains("exec") && $0.suffix(words.count) == words[...]
        }
      })
    else { return unread.append("nobody had it started in a pod: \(commands.map(\.words))") }
    starts[place].below += commands
  }

  /// The addresses of the steps that the run has ended, and how.
  var ends: [String: String] {
    var ends: [String: String] = [:]
    for event in events where event["type"]?.string == "step.ended" {
      guard let step = event["step"]?.string else { continue }
      ends[step] = event["data"]?["end"]?["status"]?.string
    }
    return ends
  }

  /// The addresses at which the run says that it has looked at something; those of repetitions without their numbers.
  var observed: Set<String> {
    var observed: Set<String> = []
    for event in events where ["action.ended", "check.ended"].contains(event["type"]?.string) {
      guard let address = event["step"]?.string, let end = event["data"]?["end"] else { continue }
      // One that was assumed for its `dry-run` action says that this succeeded.
      if end["assumed"]?.bool == true, end["notes"] == nil { continue }
      observed.insert(address.replacing(/\[[0-9]+\]/, with: "[]"))
    }
    return observed
  }

  /// What the run came to.
  var outcome: String? { events.last { $0["type"]?.string == "run.ended" }?["data"]?["outcome"]?.string }
}

/// The `kubectl exec` of a program that a plan has run in a pod: `docs/language/places.md` says what it is started by there.
private struct PodClient {
  /// The arguments that lead to the pod.
  let place: [String]
  private let mark: String
  private let inner: String

  init?(_ words: [String]) {
    guard words.starts(with: ["kubectl", "exec", "--stdin", "--quiet"]), let end = words.firstIndex(of: "--") else {
      return nil
    }
    let wrapper = words[(end + 1)...].map { $0 }
    guard wrapper.count == 7, wrapper.starts(with: ["sh", "-c"]), wrapper[3] == "sh" else { return nil }
    place = Array(words[4..<end])
    mark = wrapper[4]
    inner = wrapper[5]
  }

  /// Whether this is what was started for it there.
  func isServed(by pod: SystemCallTrace) -> Bool { pod.becoming.first?.command.words.dropFirst(4).first == mark }

  /// The program that the wrapper became there, what is below that, and what the wrapper started besides.
  func program(
    in pod: SystemCallTrace
  ) -> (program: SystemCallTrace.Command, below: [SystemCallTrace.Command], besides: [SystemCallTrace.Command])? {
    let isWrapper = ["sh", "setsid", "sleep"]
    guard let shell = pod.becoming.firstIndex(where: { $0.command.words == ["sh", "-c", inner, "sh", mark] }) else {
      return nil
    }
    let process = pod.becoming[shell].process
    let later = pod.becoming.indices.filter { $0 > shell && pod.isProcess(pod.becoming[$0].process, below: process) }
    guard let first = later.first(where: { pod.becoming[$0].process == process }) else { return nil }
    let besides = pod.becoming.indices.filter { !later.contains($0) }.map { pod.becoming[$0].command }
      .filter { !isWrapper.contains($0.name) }
    return (pod.becoming[first].command, later.filter { $0 != first }.map { pod.becoming[$0].command }, besides)
  }
}
