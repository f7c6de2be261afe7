import Diagnostics
import Expressions
import YAMLSyntax

/// A check under a name, as it is written.
struct NamedCheck {
  var node: YAMLNode
  /// The file it stands in.
  var source: SourceText
  /// What it takes, by name.
  var parameters: [(name: String, type: InputType)]
}

extension Decoder {
  /// Makes the checks of a runbook or of a library known.
  func announceChecks(_ node: YAMLNode?) {
    guard let node else { return }
    for pair in entries(node, "`checks`") {
      guard name(pair.key, pair.keySpan, "a check") else { continue }
      if let first = namedChecks[pair.key] {
        diagnostics.append(
          Diagnostic(
            .duplicateName, "a second check is called `\(pair.key)`", source: source, span: pair.keySpan,
            labels: [Diagnostic.Label(source: first.source, span: headSpan(first.node), message: "this is the first")]))
        continue
      }
      var parameters: [(name: String, type: InputType)] = []
      for parameter in pair.value["with"].map({ entries($0, "`with`") }) ?? [] {
        // One that cannot be read is there all the same: who gives it makes no mistake of his own.
        let isName = name(parameter.key, parameter.keySpan, "a parameter")
        parameters.append((parameter.key, isName ? type(parameter.value, .field, "a parameter") ?? .json : .json))
      }
      namedChecks[pair.key] = NamedCheck(node: pair.value, source: source, parameters: parameters)
    }
  }

  /// Looks at the checks of this file that nothing has used, so that a mistake in them is found before somebody does.
  func lookAtUnusedChecks() {
    for name in namedChecks.keys.sorted() where !usedChecks.contains(name) {
      guard let named = namedChecks[name], named.source === source else { continue }
      names.parameters = Dictionary(
        named.parameters.map { (ExpressionSpelling.of($0.name), $0.type.valueType) }, uniquingKeysWith: { $1 })
      openChecks = [name]
      _ = check(named.node, in: ExpressionPlace(.beforeSteps), .namedCheck)
    }
    openChecks = []
    names.parameters = nil
  }

  /// The check of a name, with the values that its parameters get.
  func namedCheck(_ name: String, _ span: ByteSpan, with given: YAMLNode?, in place: ExpressionPlace) -> Check? {
    guard let named = namedChecks[name] else {
      if names.lacksLibrary { return nil }
      let nearest = Spelling.nearest(to: name, in: namedChecks.keys.sorted())
      report(
        .unknownCheck, "there is no check `\(name)`", span,
        notes: nearest.map { ["did you mean `\($0)`?"] } ?? ["named checks stand under the runbook's `checks`"])
      return nil
    }
    guard !openChecks.contains(name) else {
      report(
        .cycle, "the check `\(name)` holds itself: \((openChecks + [name]).joined(separator: " → "))", span)
      return nil
    }
    usedChecks.insert(name)
    let parameters = self.parameters(given, of: named, name, span, in: place)
    let outside = (source, names.parameters, constants?.parameters)
    openChecks.append(name)
    source = named.source
    names.parameters = Dictionary(
      named.parameters.map { (ExpressionSpelling.of($0.name), $0.type.valueType) }, uniquingKeysWith: { $1 })
    constants?.parameters = Dictionary(
      parameters.compactMap { parameter in
        guard case .value(let value) = parameter.content else { return nil }
        return (ExpressionSpelling.of(parameter.name), value)
      }, uniquingKeysWith: { $1 })
    defer {
      openChecks.removeLast()
      (source, names.parameters) = (outside.0, outside.1)
      constants?.parameters = outside.2 ?? [:]
    }
    var check = check(named.node, in: place, .namedCheck)
    check?.parameters = parameters
    return check
  }

  private func parameters(
    _ given: YAMLNode?, of named: NamedCheck, _ name: String, _ span: ByteSpan, in place: ExpressionPlace
  ) -> [Check.Parameter] {
    let pairs = given.map { entries($0, "`with`") } ?? []
    for pair in pairs where !named.parameters.contains(where: { $0.name == pair.key }) {
      let nearest = Spelling.nearest(to: pair.key, in: named.parameters.map(\.name))
      report(
        .unknownKey, "the check `\(name)` takes no `\(pair.key)`", pair.keySpan,
        notes: nearest.map { ["did you mean `\($0)`?"] } ?? [
          named.parameters.isEmpty
            ? "it takes nothing" : "it takes \(named.parameters.map(\.name).joined(separator: ", "))"
        ])
    }
    return named.parameters.compactMap { parameter in
      guard let node = pairs.first(where: { $0.key == parameter.name })?.value else {
        report(
          .missingKey, "the check `\(name)` needs `\(parameter.name)`", span,
          notes: ["give it under `with`, beside the check's name"])
        return nil
      }
      guard let content = argument(node, of: parameter.type, "`\(parameter.name)`", in: place) else { return nil }
      return Check.Parameter(name: parameter.name, type: parameter.type, content: content)
    }
  }

  /// A value of a type that may be worked out while the run is on: what a check or a called runbook is given.
  func argument(
    _ node: YAMLNode, of type: InputType, _ subject: String, in place: ExpressionPlace
  ) -> Check.Parameter.Content? {
    guard let scalar = node.scalar, scalar.text.contains("${{") else {
      return value(node, of: type, subject).map { .value($0) }
    }
    guard case .success(let template) = TemplateText.parse(scalar.text), template.literal == nil else {
      return text(node, in: place, subject).map { .text($0) }
    }
    guard let sole = template.soleExpression,
      case .expression(_, let offset)? = template.parts.first(where: { part in
        if case .expression = part { true } else { false }
      })
    else {
      switch text(node, in: place, subject) {
      case .literal(let literal)?:
        switch type.read(text: literal) {
        case .success(let value): return .value(value)
        case .failure(let problem):
          report(.inputValue, "\(subject): \(problem.message)", node.span)
          return nil
        }
      case let text?: return .text(text)
      case nil: return nil
      }
    }
    check(sole, at: offset, node, in: place, expecting: expectation(type))
    guard let constants, constants.covers(sole) else { return .expression(sole) }
    switch constants.value(of: sole).mapError({ ValueProblem($0.message) }).flatMap(type.accept) {
    case .success(let value): return .value(value)
    case .failure(let problem):
      if !diagnostics.hasErrors { report(.inputValue, "\(subject): \(problem.message)", node.span) }
      return nil
    }
  }
}
