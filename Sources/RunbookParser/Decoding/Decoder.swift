import Diagnostics
import Expressions
import YAMLSyntax

/// Turns a tree into steps, checks and actions, and reports every mistake on its way.
///
/// With constants the same decoding plans: texts over inputs and values alone become literals.
final class Decoder {
  /// The file that is being read; that of a library while one of its checks is decoded.
  var source: SourceText
  /// What was reported to be out of shape already.
  var misfits: Set<FilePlace> = []
  /// Keys of the file that is being held to its shape that are nearly right, by their places, with what they were meant to be.
  var misspelled: [ByteSpan: String] = [:]
  var diagnostics: [Diagnostic] = []
  /// The names and types that expressions may use.
  var names = NameTable()
  /// Inputs whose declarations cannot be read.
  var misdeclaredInputs: Set<String> = []
  /// The values of inputs and constants; nil while only validating.
  var constants: ConstantScope?
  /// Named checks, decoded where they are used.
  var namedChecks: [String: NamedCheck] = [:]
  /// Those of them that something has used.
  var usedChecks: Set<String> = []
  /// The other files of the project.
  var project: (any ProjectSources)?
  /// What the project says for all its runbooks.
  var settings = ProjectSettings()
  /// The runbooks whose calls led here, so that none calls itself.
  var openCalls: [String] = []
  /// The runbook that calls itself, and by which way, where a call led round.
  var callCycle: (name: String, way: [String])?
  /// Secrets of called runbooks, under names of their own.
  var calledSecrets: [PlannedInput] = []
  /// Locks of called runbooks.
  var calledLocks: [String] = []
  /// The policies that called runbooks are held to.
  var calledPolicies: [Policy] = []
  /// The zones of time that expressions name, those of called runbooks among them.
  var zones: Set<String> = []
  /// Tunnels of called runbooks.
  var calledTunnels: [Tunnel] = []
  /// The constants, those of libraries first, as they are declared.
  var valueDeclarations: [OutputDeclaration] = []
  /// Where each constant is declared, by name.
  var valueSources: [String: (source: SourceText, span: ByteSpan)] = [:]
  /// The keys of the inventory that are read when the run is on.
  var platformKeys: Set<String> = []
  /// The steps whose outputs something reads, by their ids.
  var readSteps: Set<String> = []
  /// `server`, `headers` and `ca` of Prometheus where a query says none.
  var defaultPrometheus: YAMLNode?
  /// Named checks that are being decoded, so that one cannot hold itself.
  var openChecks: [String] = []
  /// Whether a library is looked at without a runbook that uses it.
  var isLibraryAlone = false
  /// What the groups around say of failures, for the steps in them that say nothing.
  var heldPolicy: YAMLNode?
  /// Whether what is being decoded stands under a `when` that is known to be false.
  var isNeverReached = false
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

  /// A mapping of a kind; nil, reported, for anything else. Its keys were held to the kind with the whole file.
  func mapping(_ node: YAMLNode, _ kind: MappingKind) -> YAMLNode? {
    if node.mapping != nil { return node }
    misfit(node, "\(kind.noun) is a mapping, not \(node.kindName)")
    return nil
  }

  /// The value of a key that must be there.
  func required(_ key: String, of node: YAMLNode, _ subject: String) -> YAMLNode? {
    if let value = node[key] { return value }
    if node.mapping != nil, reportOnce(headSpan(node), key) {
      report(.missingKey, "\(subject) needs `\(key)`", headSpan(node))
    }
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
      misfit(node, "\(subject) is a mapping, not \(node.kindName)")
      return []
    }
    return pairs
  }

  /// The elements of a list.
  func elements(_ node: YAMLNode, _ subject: String) -> [YAMLNode] {
    if node.isEmpty { return [] }
    guard let nodes = node.sequence else {
      misfit(node, "\(subject) is a list, not \(node.kindName)")
      return []
    }
    return nodes
  }

  // MARK: Plain values

  /// A text as it stands.
  func plainText(_ node: YAMLNode, _ subject: String) -> String? { text(node, fitting: .text, subject) }

  /// `true` or `false`.
  func flag(_ node: YAMLNode?, _ subject: String) -> Bool? {
    node.flatMap { text($0, fitting: .flag, subject) }.map { $0 == "true" }
  }

  /// A whole number.
  func integer(_ node: YAMLNode?, _ subject: String) -> Int? {
    node.flatMap { text($0, fitting: .anyInteger, subject) }.flatMap { Int($0) }
  }

  /// A length of time in milliseconds; an expression over inputs and constants may give it.
  func duration(_ node: YAMLNode?, _ subject: String) -> Int64? {
    guard let node, let text = text(node, fitting: .duration(zeroToo: true), subject) else { return nil }
    return text.contains("${{") ? constantDuration(node, subject) : DurationText.parse(text)
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
    guard let node else { return nil }
    if let word = node.scalar.flatMap({ Word(rawValue: $0.text) }) { return word }
    _ = text(node, fitting: .word(Word.allCases.map(\.rawValue)), subject)
    return nil
  }

  /// A name of the language: `[a-z][a-z0-9-]*`, at most 63 characters.
  func name(_ text: String, _ span: ByteSpan, _ subject: String) -> Bool {
    guard let problem = ScalarShape.flaw(ofName: text, subject) else { return true }
    misfit(span, problem)
    return false
  }

  /// A list of names.
  func names(_ node: YAMLNode?, _ subject: String) -> [(name: String, span: ByteSpan)] {
    guard let node else { return [] }
    return elements(node, subject).compactMap { node in plainText(node, "a name in \(subject)").map { ($0, node.span) }
    }
  }
}
