/// What the programs of a run told of themselves: the truth that the journal is held against.
struct Oracle: Sendable, CustomStringConvertible {
  /// One line.
  struct Entry: Sendable, Equatable {
    /// `start`, `changed`, `done`, `undo`, `undone`, `refused`, `look`, `left`, `survivor`.
    var verb: String
    /// The step.
    var step: String
    /// The process.
    var pid: Int32
    /// Whether the step's change was in place.
    var isChanged: Bool
  }

  let entries: [Entry]
  let description: String

  init(_ text: String) {
    description = text
    entries = text.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ").map(String.init)
      guard words.count == 4, let pid = Int32(words[2]) else { return nil }
      return Entry(verb: words[0], step: words[1], pid: pid, isChanged: words[3] == "present")
    }
  }

  /// How often a step was started.
  func starts(of step: String) -> Int { entries.count { $0.verb == "start" && $0.step == step } }

  /// The steps that were started, in the order of the first starts.
  var started: [String] { firsts("start") }

  /// The steps whose undo was started, in the order of the first starts.
  var undone: [String] { firsts("undo") }

  private func firsts(_ verb: String) -> [String] {
    var found: [String] = []
    for entry in entries where entry.verb == verb && !found.contains(entry.step) { found.append(entry.step) }
    return found
  }

  /// What happened that must not happen, whatever the engine went through.
  ///
  /// - Parameters:
  ///   - kills: How often the engine was killed.
  ///   - intents: The steps in the order of their first intents.
  func violations(of runbook: Runbook, kills: Int, intents: [String]) -> [String] {
    var found = entries.filter { $0.verb == "survivor" }.map { "something was decided on \($0.step) while it ran" }
    for step in runbook.steps {
      let starts = entries.filter { $0.verb == "start" && $0.step == step.id }
      if starts.count > kills + 1 { found.append("\(step.id) was started \(starts.count) times") }
      switch step.guard {
      case .applied:
        if starts.contains(where: \.isChanged) { found.append("\(step.id) was started although it is applied") }
      case .repeatable: break
      case .nothing, .verify:
        if starts.count > 1 { found.append("\(step.id) was started twice, and nothing allowed it") }
      }
      let undos = entries.count { $0.verb == "undo" && $0.step == step.id }
      if undos > (step.undo == .refuses ? 1 : kills + 1) { found.append("\(step.id) was undone \(undos) times") }
    }
    if let first = entries.firstIndex(where: { $0.verb == "undo" }) {
      for entry in entries[first...] where entry.verb == "start" {
        found.append("\(entry.step) was started after the rollback had begun")
      }
    }
    found += overlaps
    let order = undone
    let expected = intents.reversed().filter(order.contains)
    if order != expected { found.append("the order of the undos is \(order), not \(expected)") }
    for chain in runbook.chains {
      let order = undone.filter { chain.contains($0) && started.contains($0) }
      let expected = started.reversed().filter(order.contains)
      if order != expected { found.append("the order of the undos is \(order), not \(expected)") }
    }
    return found
  }

  /// Undos that began before another had ended. One that was killed along with its engine may begin again.
  private var overlaps: [String] {
    var found: [String] = []
    var open: Entry?
    for entry in entries {
      switch entry.verb {
      case "undo":
        if let open, open.step != entry.step { found.append("\(entry.step) was undone while \(open.step) was") }
        open = entry
      case "undone", "refused":
        if open?.pid == entry.pid { open = nil }
      default: break
      }
    }
    return found
  }
}
