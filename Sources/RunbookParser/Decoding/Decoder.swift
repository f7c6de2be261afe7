import Diagnostics
import Expressions
import YAMLSyntax

/// Turns a tree into steps, checks and actions, and reports every mistake on its way.
///
/// With constants the same decoding plans: texts over inputs and values alone become literals.
final class Decoder {
  /// The file that is being read; that of a library while one of its checks is decoded.
  var source: SourceText
  var diagnostics: [Diagnostic] = []
  /// The names and types that expressions may use.
  var names = NameTable()
  /// The values of inputs and constants; nil while only validating.
  var constants: ConstantScope?
  /// Named checks, decoded where they are used.
  var namedChecks: [String: NamedCheck] = [:]
  /// The other files of the project.
  var project: (any ProjectSources)?
  /// What the project says for all its runbooks.
  var settings = ProjectSettings()
  /// The runbooks whose calls led here, so that none calls itself.
  var openCalls: [String] = []
  /// Secrets of called runbooks, under names of their own.
  var calledSecrets: [PlannedInput] = []
  /// Locks of called runbooks.
  var calledLocks: [String] = []
  /// Tunnels of called runbooks.
  var calledTunnels: [Tunnel] = []
  /// The constants, those of libraries first, as they are declared.
  var valueDeclarations: [OutputDeclaration] = []
  /// The keys of the inventory that are read when the run is on.
  var platformKeys: Set<String> = []
  /// `server`, `headers` and `ca` of Prometheus where a query says none.
  var defaultPrometheus: YAMLNode?
  /// Named checks that are being decoded, so that one cannot hold itself.
  var openChecks: [String] = []
  /// Variables of every program.
  var environment: [EnvironmentVariable] = []
  /// The scripts that were found, each time one was decoded.
  var scripts: [RunbookScript] = []
  /// Where programs run that say nothing of it; on the engine's machine if nil.
  var defaultPlace: Place?
  /// The bound on an attempt where a step says none, in milliseconds.
  var defaultTimeout: Int64?

  init(source: SourceText) { self.source = source }

  // MARK: Mistakes

  func report(
    _ code: DiagnosticCode, _ message: String, _ span: ByteSpan, severity: Severity = .error,
    labels: [(ByteSpan, String)] = [], notes: [String] = [], fix: Diagnostic.Fix? = nil
  ) {
    diagnostics.append(
      Diagnostic(
        code, Self.clipped(message), severity: severity, source: source, span: span,
        labels: labels.map { Diagnostic.Label(source: source, span: $0.0, message: $0.1) }, notes: notes, fix: fix))
  }

  /// A message that quotes a very long text is cut in its middle.
  private static func clipped(_ message: String) -> String {
    guard message.utf8.count > 600 else { return message }
    return message.prefix(300) + " … " + message.suffix(100)
  }

  // MARK: Mappings

  /// The pairs of a mapping of a kind, with unknown keys reported; nil, reported, for anything else.
  func mapping(_ node: YAMLNode, _ table: KeyTable) -> YAMLNode? {
    guard let pairs = node.mapping else {
      report(.wrongKind, "\(table.subject) is a mapping, not \(node.kindName)", node.span)
      return nil
    }
    for pair in pairs where !table.keys.contains(pair.key) { refuse(pair, table) }
    return node
  }

  private func refuse(_ pair: YAMLPair, _ table: KeyTable) {
    if table.later.contains(pair.key) {
      report(
        .notYet, "`\(pair.key)` is not in this version yet", pair.keySpan,
        notes: ["the key belongs to the language, and a later version will understand it"])
      return
    }
    let nearest = Spelling.nearest(to: pair.key, in: table.keys.sorted())
    report(
      .unknownKey, "\(table.subject) has no key `\(pair.key)`", pair.keySpan,
      notes: nearest.map { ["did you mean `\($0)`?"] } ?? [
        "the keys are \(table.keys.sorted().joined(separator: ", "))"
      ],
      fix: nearest.map {
        Diagnostic.Fix(title: "write `\($0)`", edits: [Diagnostic.Edit(span: pair.keySpan, replacement: $0)])
      })
  }

  /// The value of a key that must be there.
  func required(_ key: String, of node: YAMLNode, _ subject: String) -> YAMLNode? {
    if let value = node[key] { return value }
    report(.missingKey, "\(subject) needs `\(key)`", headSpan(node))
    return nil
  }

  /// The first line of a node, so that a mistake about a whole mapping does not mark all of it.
  func headSpan(_ node: YAMLNode) -> ByteSpan {
    if let first = node.mapping?.first { return ByteSpan(Int(first.keySpan.start), Int(first.keySpan.end)) }
    return node.span
  }

  /// The pairs of a mapping whose keys are the author's own.
  func entries(_ node: YAMLNode, _ subject: String) -> [YAMLPair] {
    if node.isEmpty { return [] }
    guard let pairs = node.mapping else {
      report(.wrongKind, "\(subject) is a mapping, not \(node.kindName)", node.span)
      return []
    }
    return pairs
  }

  /// The elements of a list.
  func elements(_ node: YAMLNode, _ subject: String) -> [YAMLNode] {
    if node.isEmpty { return [] }
    guard let nodes = node.sequence else {
      report(.wrongKind, "\(subject) is a list, not \(node.kindName)", node.span)
      return []
    }
    return nodes
  }

  // MARK: Plain values

  /// A text as it stands.
  func plainText(_ node: YAMLNode, _ subject: String) -> String? {
    guard let scalar = node.scalar, !node.isEmpty else {
      report(.wrongKind, "\(subject) is a text, not \(node.kindName)", node.span)
      return nil
    }
    return scalar.text
  }

  /// `true` or `false`.
  func flag(_ node: YAMLNode?, _ subject: String) -> Bool? {
    guard let node, let text = plainText(node, subject) else { return nil }
    switch text {
    case "true": return true
    case "false": return false
    default:
      report(.badValue, "\(subject) is true or false, not `\(text)`", node.span)
      return nil
    }
  }

  /// A whole number within bounds.
  func integer(_ node: YAMLNode?, _ subject: String, min: Int = 1, max: Int = 1_000_000) -> Int? {
    guard let node, let text = plainText(node, subject) else { return nil }
    guard let value = Int(text), value >= min, value <= max else {
      report(.badValue, "\(subject) is a whole number from \(min) to \(max), not `\(text)`", node.span)
      return nil
    }
    return value
  }

  /// A length of time in milliseconds; an expression over inputs and constants may give it.
  func duration(_ node: YAMLNode?, _ subject: String, allowZero: Bool = false) -> Int64? {
    guard let node, let text = plainText(node, subject) else { return nil }
    if text.contains("${{") { return constantDuration(node, subject) }
    guard let value = DurationText.parse(text), allowZero || value > 0 else {
      report(
        .badValue, "\(subject) is a duration, not `\(text)`", node.span,
        notes: ["durations are written 500ms, 30s, 5m, 1h30m or 7d"])
      return nil
    }
    return value
  }

  private func constantDuration(_ node: YAMLNode, _ subject: String) -> Int64? {
    guard let text = text(node, in: ExpressionPlace(.constants), expecting: .duration) else { return nil }
    // While validating there is no value yet; any will do.
    guard let constants, case .template(let template) = text, let sole = template.soleExpression else { return 1000 }
    guard constants.covers(sole) else {
      report(
        .badValue, "\(subject) must be known when the run is planned, and what it rests on is known only later",
        node.span)
      return nil
    }
    guard case .success(.duration(let value)) = constants.value(of: sole) else { return 1000 }
    guard value.milliseconds > 0 else {
      report(
        .badValue, "\(subject) is \(DurationText.render(value.milliseconds)), which is no length of time", node.span)
      return nil
    }
    return value.milliseconds
  }

  /// One of the words of an enumeration.
  func word<Word: RawRepresentable & CaseIterable>(
    _ node: YAMLNode?, _ type: Word.Type, _ subject: String
  ) -> Word? where Word.RawValue == String {
    guard let node, let text = plainText(node, subject) else { return nil }
    if let word = Word(rawValue: text) { return word }
    let words = Word.allCases.map(\.rawValue)
    let nearest = Spelling.nearest(to: text, in: words)
    report(
      .badValue, "\(subject) is one of \(words.joined(separator: ", ")), not `\(text)`", node.span,
      fix: nearest.map {
        Diagnostic.Fix(title: "write `\($0)`", edits: [Diagnostic.Edit(span: node.span, replacement: $0)])
      })
    return nil
  }

  /// A name of the language: `[a-z][a-z0-9-]*`, at most 63 characters.
  func name(_ text: String, _ span: ByteSpan, _ subject: String) -> Bool {
    let bytes = text.utf8
    let isWellFormed =
      bytes.first.map { $0 >= 0x61 && $0 <= 0x7A } == true && bytes.count <= 63
      && bytes.allSatisfy { ($0 >= 0x61 && $0 <= 0x7A) || ($0 >= 0x30 && $0 <= 0x39) || $0 == 0x2D }
    if !isWellFormed {
      report(
        .badName, "`\(text)` cannot name \(subject)", span,
        notes: ["a name is a small letter, then small letters, digits and hyphens, at most 63 in all"])
      return false
    }
    if ["in", "true", "false", "null"].contains(text) {
      report(.badName, "`\(text)` is a word of the expression language and cannot name \(subject)", span)
      return false
    }
    return true
  }

  /// A list of names.
  func names(_ node: YAMLNode?, _ subject: String) -> [(name: String, span: ByteSpan)] {
    guard let node else { return [] }
    return elements(node, subject).compactMap { node in plainText(node, "a name in \(subject)").map { ($0, node.span) }
    }
  }
}
