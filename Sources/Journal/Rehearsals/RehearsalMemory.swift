import CanonicalJSON
import Glibc

/// When the scenarios of a runbook were last played, and what came of it: a file for each runbook beside the log.
///
/// It is no part of the log, and proves nothing: who can write to the store can write what they like here.
package struct RehearsalMemory {
  /// How a scenario was last played.
  package struct Playing: Hashable, Sendable {
    /// The digest of the plan.
    package var plan: String
    /// The SHA-256 of the scenario's file, in hexadecimal.
    package var scenario: String
    /// When, in milliseconds since the epoch.
    package var time: Int64
    /// Whether everything came as it should.
    package var hasPassed: Bool

    package init(plan: String, scenario: String, time: Int64, hasPassed: Bool) {
      self.plan = plan
      self.scenario = scenario
      self.time = time
      self.hasPassed = hasPassed
    }
  }

  static let folder = "rehearsals"
  private let directory: StoreDirectory

  /// The memory of a store, which is made where it is missing if `creating`.
  package init(at store: String, creating: Bool) throws(JournalError) {
    directory = try StoreDirectory(at: store, creating: creating)
  }

  /// How the scenarios of a runbook were last played, by their files; nothing where the file cannot be read.
  package func playings(of runbook: String) -> [String: Playing] {
    guard isFolder, let bytes = try? PrivateFile.read(path(of: runbook), isSecret: false),
      let json = try? JSON.parse(bytes)
    else { return [:] }
    var playings: [String: Playing] = [:]
    for member in json["scenarios"]?.members ?? [] {
      guard let plan = member.value["plan"]?.string, let scenario = member.value["scenario"]?.string,
        let time = member.value["time"]?.int,
        let hasPassed = member.value["passed"]?.bool
      else { continue }
      playings[member.key] = Playing(plan: plan, scenario: scenario, time: time, hasPassed: hasPassed)
    }
    return playings
  }

  /// Keeps how scenarios of a runbook were played, beside what was kept of others.
  package func remember(_ new: [String: Playing], of runbook: String) throws(JournalError) {
    let folder = directory.absolutePath + "/" + Self.folder
    guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
      throw .system(errno, path: folder, operation: "create the directory")
    }
    let lock = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard lock >= 0 else {
      if errno == ENOTDIR || errno == ELOOP { throw .symbolicLink(path: folder) }
      throw .system(errno, path: folder, operation: "open the directory")
    }
    defer { close(lock) }
    // What another process keeps at the same time is not to be lost. Where there are no such locks, it may be.
    while flock(lock, LOCK_EX) != 0 && errno == EINTR {}
    let all = playings(of: runbook).merging(new) { $1 }
    let scenarios = all.sorted { $0.key < $1.key }.map { file, playing in
      JSON.Member(
        file,
        [
          "plan": .string(playing.plan), "scenario": .string(playing.scenario), "time": .int(playing.time),
          "passed": .bool(playing.hasPassed),
        ])
    }
    let content: JSON = ["v": 1, "scenarios": .object(scenarios)]
    try PrivateFile.replace(path(of: runbook), with: content.canonicalBytes() + [UInt8(ascii: "\n")])
  }

  /// The names of runbooks have neither a slash nor a dot.
  private func path(of runbook: String) -> String { "\(directory.absolutePath)/\(Self.folder)/\(runbook).json" }

  /// Whether the folder is there, and no link.
  private var isFolder: Bool {
    var status = stat()
    return lstat(directory.absolutePath + "/" + Self.folder, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
