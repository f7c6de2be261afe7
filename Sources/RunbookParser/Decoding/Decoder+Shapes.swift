import Diagnostics
import YAMLSyntax

/// A place in one of the files, and the key that is missing there.
struct FilePlace: Hashable {
  var source: ObjectIdentifier
  var span: ByteSpan
  var key: String?
}

/// Holds a whole file to the shapes of the language before anything of it is decoded.
///
/// What does not fit is reported here, wherever it stands, and decodes to nothing.
extension Decoder {
  /// A file of a kind; nil, reported, where it is no mapping at all.
  func file(_ root: YAMLNode, _ kind: MappingKind) -> YAMLNode? {
    misspelled = [:]
    hold(root, to: kind)
    return mapping(misspelled.isEmpty ? root : respelled(root), kind)
  }

  /// The tree with the keys that were most likely meant, so that one mistake is not reported once more at what rests on it.
  private func respelled(_ node: YAMLNode) -> YAMLNode {
    switch node.content {
    case .scalar: return node
    case .sequence(let nodes): return YAMLNode(content: .sequence(nodes.map(respelled)), span: node.span)
    case .mapping(let pairs):
      let pairs = pairs.map {
        YAMLPair(key: misspelled[$0.keySpan] ?? $0.key, keySpan: $0.keySpan, value: respelled($0.value))
      }
      return YAMLNode(content: .mapping(pairs), span: node.span)
    }
  }

  /// Whether a place, or a key that is missing there, is reported for the first time.
  func reportOnce(_ span: ByteSpan, _ key: String? = nil) -> Bool {
    misfits.insert(FilePlace(source: ObjectIdentifier(source), span: span, key: key)).inserted
  }

  /// Reports, once, that a node is of the wrong kind.
  func misfit(_ node: YAMLNode, _ message: String, notes: [String] = []) {
    misfit(node.span, ScalarShape.Problem(message: message, notes: notes, code: .wrongKind))
  }

  /// Reports, once, that a text is out of shape.
  func misfit(_ span: ByteSpan, _ problem: ScalarShape.Problem) {
    guard reportOnce(span) else { return }
    report(
      problem.code, problem.message, span, notes: problem.notes,
      fix: problem.nearest.map {
        Diagnostic.Fix(title: "write `\($0)`", edits: [Diagnostic.Edit(span: span, replacement: $0)])
      })
  }

  /// A text that fits a shape; nil, reported, for any other.
  func text(_ node: YAMLNode, fitting shape: ScalarShape, _ subject: @autoclosure () -> String) -> String? {
    guard let text = node.scalar?.text, shape.mayBeEmpty || !node.isEmpty else {
      misfit(node, "\(subject()) is a text, not \(node.kindName)")
      return nil
    }
    guard let problem = shape.problem(text, subject()) else { return text }
    misfit(node.span, problem)
    return nil
  }

  private func hold(_ node: YAMLNode, to kind: MappingKind) {
    let layout = kind.layout
    guard var pairs = node.mapping else {
      return misfit(node, "\(kind.noun) is a mapping, not \(node.kindName)")
    }
    var node = node
    if pairs.contains(where: { layout.entries[$0.key] == nil }) {
      refuseUnknown(in: &pairs, kind, layout)
      node.content = .mapping(pairs)
    }
    // What nobody knows may be the one that is missing: the mistake is reported there.
    let hasUnknown = pairs.contains { layout.entries[$0.key] == nil }
    for pair in pairs {
      guard let entry = layout.entries[pair.key] else { continue }
      if case .scalar(.name) = entry.shape {
        if let text = text(pair.value, fitting: .text, "`\(pair.key)`") { _ = name(text, pair.value.span, kind.noun) }
      } else {
        hold(pair.value, to: entry.shape) { "`\(pair.key)`" }
      }
      for rule in entry.rules { hold(pair, of: node, pairs, to: rule, kind) }
    }
    for key in layout.required where !pairs.contains(where: { $0.key == key }) {
      _ = required(key, of: node, kind.noun)
    }
    for rule in layout.standing {
      if hasUnknown, case .one(let keys, _) = rule, !pairs.contains(where: { keys.contains($0.key) }) { continue }
      hold(node, pairs, to: rule, kind)
    }
  }

  /// Reports keys that are not known; those that are nearly right are held to what they were meant to be.
  private func refuseUnknown(in pairs: inout [YAMLPair], _ kind: MappingKind, _ layout: MappingLayout) {
    for place in pairs.indices where layout.entries[pairs[place].key] == nil {
      guard let nearest = refuse(pairs[place], kind), !pairs.contains(where: { $0.key == nearest }) else { continue }
      misspelled[pairs[place].keySpan] = nearest
      pairs[place].key = nearest
    }
  }

  /// Reports a key that is not known.
  ///
  /// - Returns: The key that was most likely meant.
  private func refuse(_ pair: YAMLPair, _ kind: MappingKind) -> String? {
    let table = kind.table
    if kind == .innerCheck, KeyTable.repeating.contains(pair.key) {
      report(
        .unknownKey, "`\(pair.key)` cannot stand in a check inside another", pair.keySpan,
        notes: ["put it on the outer check, which repeats all of it"])
      return nil
    }
    let nearest = Spelling.nearest(to: pair.key, in: table.keys.sorted())
    report(
      .unknownKey, "\(kind.noun) has no key `\(pair.key)`", pair.keySpan,
      notes: nearest.map { ["did you mean `\($0)`?"] } ?? [
        "the keys are \(kind.keys.joined(separator: ", "))"
      ],
      fix: nearest.map {
        Diagnostic.Fix(title: "write `\($0)`", edits: [Diagnostic.Edit(span: pair.keySpan, replacement: $0)])
      })
    return nearest
  }

  // MARK: Values

  private func hold(_ node: YAMLNode, to shape: Shape, _ subject: () -> String) {
    switch shape {
    case .anything: break
    case .scalar(let scalar): _ = text(node, fitting: scalar, subject())
    case .arguments:
      guard let words = node.sequence else {
        return misfit(
          node, "\(subject()) is a list: the program and its arguments",
          notes: ["a line for a shell stands under `run`"])
      }
      if words.isEmpty { report(.badValue, "\(subject()) is empty", node.span) }
      for word in words { _ = text(word, fitting: .template, "an argument") }
      if let name = words.first, name.scalar?.text == "" {
        report(.badValue, "the program's name is empty", name.span)
      }
    case .list(let element, let count):
      guard let nodes = node.sequence ?? (node.isEmpty ? [] : nil) else {
        return misfit(node, "\(subject()) is a list, not \(node.kindName)")
      }
      if nodes.count < count { report(.badValue, "\(subject()) is empty, and holds at least one", node.span) }
      for node in nodes { hold(node, to: element) { "a value of \(subject())" } }
    case .names(let value, let name):
      guard let pairs = node.mapping ?? (node.isEmpty ? [] : nil) else {
        return misfit(node, "\(subject()) is a mapping, not \(node.kindName)")
      }
      for pair in pairs {
        hold(pair, to: name, value)
        hold(pair.value, to: value) { "`\(pair.key)`" }
      }
    case .mapping(let kind): hold(node, to: kind)
    case .mappings(let key, let first, let second): hold(node, to: node[key] == nil ? second : first)
    case .either(let shapes):
      let kind: Shape.Kind =
        switch node.content {
        case .scalar: .text
        case .sequence: .list
        case .mapping: .mapping
        }
      if let shape = shapes.first(where: { $0.kind == kind }) { return hold(node, to: shape, subject) }
      misfit(node, "\(subject()) is \(shapes.map(\.described).joined(separator: " or ")), not \(node.kindName)")
    }
  }

  private func hold(_ pair: YAMLPair, to shape: NameShape, _ value: Shape) {
    switch shape {
    case .any: break
    case .name:
      _ = name(pair.key, pair.keySpan, value.noun)
    case .variable:
      if pair.key.isEmpty || pair.key.utf8.contains(UInt8(ascii: "=")) || pair.key.utf8.contains(0) {
        report(.badName, "`\(pair.key)` cannot name a variable", pair.keySpan)
      }
    case .program:
      if pair.key.isEmpty || pair.key.hasPrefix("-") {
        report(.badName, "`\(pair.key)` cannot name a program", pair.keySpan)
      }
    }
  }

  // MARK: Rules

  /// A rule that a key brings with it.
  private func hold(_ pair: YAMLPair, of node: YAMLNode, _ pairs: [YAMLPair], to rule: KeyRule, _ kind: MappingKind) {
    func has(_ keys: [String]) -> Bool { pairs.contains { keys.contains($0.key) } }
    switch rule {
    case .one, .some, .givenNeeds, .contract: break
    case .notBoth(let first, let second):
      if has([first]) { report(.unknownKey, "\(kind.noun) has `\(first)` or `\(second)`, not both", pair.keySpan) }
    case .beside(_, let others, let reason):
      guard !has(others), let holder = pairs.first(where: { kind.choices.contains($0.key) }) else { return }
      let isBlock = KeyTable.blocks.contains(holder.key)
      report(
        .unknownKey,
        "`\(pair.key)` means nothing beside `\(holder.key)`" + (isBlock ? "" : reason.map { ", \($0)" } ?? ""),
        pair.keySpan, notes: holder.key == "steps" ? ["say it in the steps inside"] : [])
    case .besideText(let key, let other):
      guard node[other].map({ $0.scalar == nil }) ?? true else { return }
      report(.unknownKey, "`\(key)` belongs beside the name of a check", pair.keySpan)
    case .needs(let key, let others):
      guard !has(others) else { return }
      report(
        .missingKey, "`\(key)` needs \(Self.listed(others))", pair.keySpan,
        notes: others == ["expect"] ? ["such as `expect: result.value < 0.01`"] : [])
    case .given(let key, let texts, let other, let shape, let reason):
      let value = node[key]
      guard value == nil || value?.scalar != nil, texts.contains(value?.scalar?.text) else { return }
      if let shape { return hold(pair.value, to: shape) { "`\(other)`" } }
      let types = DeclaredType.types(of: other).map { ["it belongs to \($0.joined(separator: ", "))"] } ?? []
      report(
        .unknownKey,
        "`\(other)` means nothing \(reason ?? "for the type `\(value?.scalar?.text ?? "record")`")", pair.keySpan,
        notes: types)
    }
  }

  /// A rule for the mapping as a whole.
  private func hold(_ node: YAMLNode, _ pairs: [YAMLPair], to rule: KeyRule, _ kind: MappingKind) {
    func has(_ keys: [String]) -> Bool { pairs.contains { keys.contains($0.key) } }
    switch rule {
    case .contract: holdToContract(node)
    case .one(let keys, let outOfPlace): holdOne(of: keys, outOfPlace, node, pairs, kind)
    case .some(let keys):
      if !has(keys) { report(.missingKey, "\(kind.noun) needs \(Self.listed(keys))", headSpan(node)) }
    case .givenNeeds(let key, let texts, let other):
      guard let value = node[key], let text = value.scalar?.text, texts.contains(text), !has([other]) else { return }
      report(
        .missingKey,
        key == "background" ? "a background program needs `\(other)`" : "the \(key) `\(text)` needs `\(other)`",
        value.span,
        notes: other == "from"
          ? ["it says where the value comes from: {env: NAME}, {file: PATH}, {command: [PROGRAM, …]} or prompt"] : [])
    case .notBoth, .beside, .besideText, .needs, .given: break
    }
  }

  private func holdOne(
    of keys: [String], _ outOfPlace: [String], _ node: YAMLNode, _ pairs: [YAMLPair], _ kind: MappingKind
  ) {
    let found = pairs.filter { keys.contains($0.key) }
    let isOutOfPlace = !outOfPlace.isEmpty && pairs.contains { outOfPlace.contains($0.key) && !keys.contains($0.key) }
    guard found.count != 1 || isOutOfPlace else { return }
    let own = kind.actor(node)
    for pair in pairs where outOfPlace.contains(pair.key) && !keys.contains(pair.key) {
      report(.badValue, "\(own?.subject ?? kind.noun) does \(Self.listed(keys)), not `\(pair.key)`", pair.keySpan)
      return
    }
    guard let first = found.first else {
      guard let own else {
        return report(.missingKey, "\(kind.noun) needs \(Self.listed(keys))", headSpan(node))
      }
      return report(
        .oneAction, "\(own.subject) \(own.lacks)", headSpan(node),
        notes: ["\(own.noun) is one of \(keys.joined(separator: ", "))"])
    }
    for other in found.dropFirst() {
      if let own {
        report(
          .oneAction, "\(own.subject) \(own.hasSecond), `\(other.key)`", other.keySpan,
          labels: [(first.keySpan, "this is the first")], notes: [own.advice])
      } else {
        report(.unknownKey, "`\(other.key)` means nothing beside `\(first.key)`", other.keySpan)
      }
    }
  }

  private static func listed(_ keys: [String]) -> String {
    let quoted = keys.map { "`\($0)`" }
    guard quoted.count > 1 else { return quoted.joined() }
    return quoted.dropLast().joined(separator: ", ") + " or " + quoted[quoted.count - 1]
  }
}

/// What is said of a mapping that does something.
private struct Actor {
  var subject: String
  var noun = "an action"
  var lacks = "has no action"
  var hasSecond = "has a second action"
  var advice = "make it a step of its own"
}

extension MappingKind {
  /// What a mapping is called.
  var noun: String { self == .namedCheck ? KeyTable.check.subject : table.subject }

  fileprivate func actor(_ node: YAMLNode) -> Actor? {
    switch self {
    case .step: Actor(subject: node["id"]?.scalar.map { "the step `\($0.text)`" } ?? "a step")
    case .undo: Actor(subject: "the way back")
    case .dryRun: Actor(subject: "`dry-run`")
    case .check, .innerCheck, .namedCheck, .precondition, .runPrecondition:
      Actor(
        subject: "the check", noun: "a check", lacks: "asks nothing", hasSecond: "asks a second thing",
        advice: "put both under `all`")
    default: nil
    }
  }
}

extension Shape {
  /// What the author's own name for such a value names.
  fileprivate var noun: String {
    switch self {
    case .mapping(let kind), .mappings(_, let kind, _): kind.noun
    case .either(let shapes): shapes.last?.noun ?? "a value"
    default: "a value"
    }
  }

  /// What is said of it in a message.
  fileprivate var described: String {
    switch kind {
    case .text: if case .scalar(.word(let words)) = self, words.count == 1 { "`\(words[0])`" } else { "a text" }
    case .list: "a list"
    case .mapping: "a mapping"
    case nil: "anything"
    }
  }
}
