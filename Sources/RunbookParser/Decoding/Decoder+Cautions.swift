import Diagnostics
import YAMLSyntax

/// A script of a runbook, for programs that look at scripts.
public struct RunbookScript: Sendable {
  /// The script.
  public let text: String
  /// The program that reads it and its options, without the script.
  public let shell: [String]
  /// The variables that it is given.
  public let variables: [String]
  /// The file that it stands in.
  public let source: SourceText
  let node: YAMLNode

  /// The place in the file of some bytes of the script.
  public func span(of range: Range<Int>) -> ByteSpan { node.span(ofText: range, in: source) }
}

extension Decoder {
  /// How many findings of one rule are shown for one program: finding a place costs a walk through the script.
  private static let cautionLimit = 50

  /// Looks at a program for what is likely wrong wherever it stands.
  func caution(_ pair: YAMLPair, of node: YAMLNode, _ program: Program) {
    if case .script(let text, let shell) = program.command {
      scripts.append(
        RunbookScript(
          text: text, shell: shell, variables: program.environment.map(\.name), source: source, node: pair.value))
    }
    let reading = ProgramReading(pair, shell: node["shell"], source: source) { $0 == "kubectl" }
    for command in reading.commands.lazy.filter({ $0.name == "kubectl" }).prefix(Self.cautionLimit) {
      cautionOfContext(command, reading)
    }
    let secrets = program.environment.compactMap { variable -> String? in
      if case .secret = variable.value { variable.name } else { nil }
    }
    if !secrets.isEmpty { cautionOfSecrets(Set(secrets), reading) }
  }

  // MARK: Changes

  /// Warns where something that only observes seems to change something.
  func cautionOfChange(_ node: YAMLNode, _ subject: String) {
    guard let pair = node.mapping?.first(where: { $0.key == "exec" || $0.key == "run" }) else { return }
    let reading = ProgramReading(
      pair, shell: node["shell"], source: source, wanted: ChangingCommand.knows)
    let input = node["input"]?.scalar?.text
    // What it made itself it may take away again.
    let makesOwn = reading.commands.contains { $0.name == "mktemp" }
    let findings = reading.commands.lazy.compactMap { ChangingCommand.find(in: $0, input: input) }
      .filter { !(makesOwn && ["rm", "rmdir", "mv"].contains($0.name)) }
    for (name, word) in findings.prefix(Self.cautionLimit) {
      report(
        .changingObservation, "\(subject) observes, and `\(name)` seems to change something", reading.span(of: word),
        severity: .warning,
        notes: [
          "what observes is really done in a dry run, and may be done again at any time",
          "make it a step with `effect: change`",
        ])
    }
  }

  /// Warns of changes after which nothing looks whether they came to what they were meant to.
  ///
  /// A change is covered by its own `verify`, or by a step that needs it and observes or verifies something.
  func cautionOfUnverified(_ steps: [PlannedStep], _ spans: [ByteSpan]) {
    guard steps.count == spans.count else { return }
    var isCovered = [Bool](repeating: false, count: steps.count)
    for (index, step) in steps.enumerated().reversed() {
      let looks = Self.looks(step)
      if !step.verify.isEmpty || Self.looksInside(step) { isCovered[index] = true }
      if looks || isCovered[index] { for need in step.needs { isCovered[need] = true } }
    }
    for (index, step) in steps.enumerated() where step.effect != .observe && !isCovered[index] {
      report(
        .unverifiedChange, "nothing verifies what the step `\(step.id)` changes", spans[index], severity: .warning,
        notes: ["add `verify`, or a step after it that observes what it came to"])
    }
  }

  /// Whether something inside a step looks at what it does.
  private static func looksInside(_ step: PlannedStep) -> Bool {
    var open = step.action.blocks.flatMap { $0 }
    while let inner = open.popLast() {
      if looks(inner) { return true }
      open += inner.action.blocks.flatMap { $0 }
    }
    return false
  }

  private static func looks(_ step: PlannedStep) -> Bool {
    if !step.verify.isEmpty { return true }
    guard step.effect == .observe else { return false }
    switch step.action {
    case .wait, .decide, .notify: return false
    case .forEach, .group, .call: return looksInside(step)
    default: return true
    }
  }

  // MARK: kubectl

  private static let offline: Set<String> = ["config", "kustomize", "completion", "help", "options", "plugin"]

  private func cautionOfContext(_ command: ShellCommand, _ reading: ProgramReading) {
    guard let program = command.words.first, let first = command.words.dropFirst().first else { return }
    // What the shell or an expression puts in may name it.
    let own = command.words.prefix { $0.text != "--" }
    guard first.isLiteral, !own.contains(where: { !$0.isLiteral && $0.text.hasSuffix("[@]}") }) else { return }
    if own.contains(where: { word in
      ["--context", "--server", "-s"].contains(word.text) || word.text.hasPrefix("--context=")
        || word.text.hasPrefix("--server=")
    }) {
      return
    }
    let verb = ChangingCommand.verb(Array(own.dropFirst()), valued: ChangingCommand.kubectlOptions)?.text
    if let verb, Self.offline.contains(verb) { return }
    if verb == "version", own.contains(where: { $0.text == "--client" }) || verb == nil { return }
    report(
      .kubectlContext, "`kubectl` without `--context` speaks to whatever cluster was chosen last",
      reading.span(of: program), severity: .warning, notes: ["name the context: `kubectl --context NAME …`"])
  }

  // MARK: Secrets

  /// Commands of the shell itself: their arguments are in no list of processes.
  private static let builtins: Set<String> = [
    "test", "[", "[[", "case", "export", "local", "declare", "typeset", "readonly", "read", "mapfile", "readarray",
    "return", "shift", "unset", "set", "let", "((", ":", "true", "false", "trap", "source", ".", "eval", "exit", "cd",
    "echo", "printf", "",
  ]
  private static let declarations: Set<String> = ["export", "local", "declare", "typeset", "readonly"]

  private func cautionOfSecrets(_ secrets: Set<String>, _ reading: ProgramReading) {
    var tainted = secrets
    let before = diagnostics.count
    let functions = Set(reading.commands.filter(\.isDefinition).compactMap(\.name))
    for command in reading.commands {
      for assignment in command.assignments where !tainted.isDisjoint(with: assignment.variables) {
        tainted.insert(assignment.name)
      }
      guard let name = command.name, diagnostics.count - before < Self.cautionLimit else { continue }
      let holder = command.words.dropFirst().first { !tainted.isDisjoint(with: $0.variables) }
      let variable = holder?.variables.first { tainted.contains($0) }
      if Self.declarations.contains(name) {
        for word in command.words.dropFirst() where !tainted.isDisjoint(with: word.variables) {
          if let declared = ShellReader.assigned(word.text) { tainted.insert(declared) }
        }
      } else if name == "set", let word = command.words.dropFirst().first(where: Self.traces) {
        report(
          .exposedSecret, "`set \(word.text)` writes the values of secrets with every command", reading.span(of: word),
          severity: .warning,
          notes: [
            "what is written is redacted only as far as a secret stands in it whole, plain or in a common encoding"
          ])
      } else if name == "echo" || name == "printf" || name == "cat", command.isShown {
        let fromInput = name == "cat" ? command.inputVariables.first { tainted.contains($0) } : nil
        guard let printed = variable ?? fromInput, let word = holder ?? command.words.first else { continue }
        if name == "printf", command.words.dropFirst().first?.text == "-v" { continue }
        report(
          .exposedSecret, "`\(name)` prints `\(printed)`, which holds a secret", reading.span(of: word),
          severity: .warning,
          notes: [
            "what is printed is redacted only as far as the secret stands in it whole, plain or in a common encoding"
          ])
      } else if let variable, let holder, !Self.builtins.contains(name), !functions.contains(name) {
        report(
          .exposedSecret, "`\(variable)`, which holds a secret, reaches the argument list of `\(name)`",
          reading.span(of: holder), severity: .warning,
          notes: [
            "every process of the machine can read argument lists; most programs take a secret from a variable, a file or standard input"
          ])
      }
    }
  }

  private static func traces(_ word: ShellWord) -> Bool {
    word.text == "xtrace" || (word.text.hasPrefix("-") && !word.text.hasPrefix("--") && word.text.contains("x"))
  }
}
