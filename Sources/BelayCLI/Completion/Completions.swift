import Diagnostics
import Glibc
import Journal
import RunbookExecutor
import RunbookParser

/// What a shell offers for a word: runs and steps from the store, inputs and environments from the runbook on the line.
///
/// Nothing is started and nothing written; where something cannot be read, nothing is offered.
enum Completions {
  /// How many runs are offered, the newest first.
  private static let runLimit = 50
  private static let valued: Set<String> = [
    "--store", "--format", "--reason", "--limit", "--bindings", "--run", "--step", "--input", "-i", "--inputs",
    "--environment",
  ]

  /// The ids of runs.
  @Sendable static func runs(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
    guard let store = store(words), let runs = try? store.runs(), !runs.isEmpty else { return [] }
    return ["last"] + runs.prefix(runLimit).map(\.id)
  }

  /// The steps of the run on the line.
  @Sendable static func steps(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
    guard let store = store(words), let name = value(of: ["--run"], words) ?? positional(words, before: index),
      let run = try? RunReader.resolve(name, in: store), let stored = try? StoredRun(run, in: store)
    else { return [] }
    return stored.state.stepsInOrder.map { stored.state.path(of: $0) }
  }

  /// The inputs of the runbook on the line that are not given yet, each with `=`.
  @Sendable static func inputs(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
    guard let runbook = runbook(words) else { return [] }
    let word = words.indices.contains(index) ? words[index] : ""
    if word.contains("=") {
      let name = word.prefix { $0 != "=" }
      return harmless((runbook.inputs.first { $0.name == name }?.words ?? []).map { "\(name)=\($0)" })
    }
    let given = words.enumerated().compactMap { place, word in
      place != index && word.contains("=") ? String(word.prefix { $0 != "=" }) : nil
    }
    // A secret is never given so.
    return runbook.inputs.filter { $0.type != "secret" && !given.contains($0.name) }.map { $0.name + "=" }
  }

  /// The runbooks, and the directories that may hold some, where the word on the line leads.
  @Sendable static func runbooks(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
    let word = words.indices.contains(index) ? words[index] : ""
    let lead = word.lastIndex(of: "/").map { String(word[...$0]) } ?? ""
    let home = getenv("HOME").map { String(cString: $0) } ?? "~"
    let directory = lead.isEmpty ? "." : lead.hasPrefix("~/") ? home + lead.dropFirst() : lead
    guard let entries = opendir(directory) else { return [] }
    defer { closedir(entries) }
    var found: [String] = []
    while let entry = readdir(entries) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
      }
      guard !name.hasPrefix("."), (lead + name).hasPrefix(word) else { continue }
      let path = directory + "/" + name
      if FileReader.isDirectory(path) {
        found.append(lead + name + "/")
      } else if name.hasSuffix(".yaml"), FileProject.head(of: path)?.kind == "belay" {
        found.append(lead + name)
      }
    }
    return harmless(found.sorted(), withBlanks: true)
  }

  /// Without what a shell would take for more than a word: bash expands what it is offered, commands in it too.
  private static func harmless(_ words: [String], withBlanks: Bool = false) -> [String] {
    words.filter { word in
      word.unicodeScalars.allSatisfy { scalar in
        scalar.value >= (withBlanks ? 0x20 : 0x21) && scalar.value != 0x7F
          && !"$`\\\"'*?[]{}()<>|&;!#:".unicodeScalars.contains(scalar)
      }
    }
  }

  /// The codes of diagnostics.
  @Sendable static func codes(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
    RuleDescription.all.map(\.code.rawValue)
  }

  /// The environments of the runbook on the line.
  @Sendable static func environments(_ words: [String], _ index: Int, _ prefix: String) -> [String] {
    harmless(runbook(words)?.environments ?? [])
  }

  // MARK: The line

  private static func store(_ words: [String]) -> JournalStore? {
    let directory = value(of: ["--store"], words) ?? StoreOptions.usualDirectory
    return try? JournalStore.open(at: directory, access: .readOnly)
  }

  /// The runbook: the first word that names a file of that kind.
  private static func runbook(_ words: [String]) -> Runbook? {
    for word in words.dropFirst(2) where word.hasSuffix(".yaml") {
      var status = stat()
      guard stat(word, &status) == 0, status.st_mode & S_IFMT == S_IFREG, let source = try? FileReader.read(word),
        let runbook = RunbookCompiler.compile(source).runbook
      else { continue }
      return runbook
    }
    return nil
  }

  private static func value(of options: [String], _ words: [String]) -> String? {
    for (place, word) in words.enumerated() {
      for option in options {
        if word.hasPrefix(option + "=") { return String(word.dropFirst(option.count + 1)) }
        guard word == option else { continue }
        let rest = words.dropFirst(place + 1)
        return rest.first == "=" ? rest.dropFirst().first : rest.first
      }
    }
    return nil
  }

  /// The first word behind the subcommand that is no option and no value of one.
  private static func positional(_ words: [String], before index: Int) -> String? {
    var place = 2
    while place < min(index, words.count) {
      let word = words[place]
      if valued.contains(word) {
        place += words.dropFirst(place + 1).first == "=" ? 3 : 2
      } else if word.hasPrefix("-"), word != "-" {
        place += 1
      } else {
        return word
      }
    }
    return nil
  }
}
