import Diagnostics
import Expressions
import YAMLSyntax

extension Decoder {
  /// An expression that stands alone in its field, of a type.
  func expression(
    _ node: YAMLNode?, in place: ExpressionPlace, _ subject: String, expecting: ValueType? = nil
  ) -> Expression? {
    guard let node, let text = plainText(node, subject) else { return nil }
    if text.hasPrefix("${{") {
      report(
        .expressionSyntax, "\(subject) is an expression already; `${{ }}` does not belong there", node.span,
        fix: bareFix(node, text))
      return nil
    }
    switch Expression.parse(text) {
    case .failure(let errors):
      for problem in errors.problems { report(.expressionSyntax, problem, node) }
      return nil
    case .success(let expression):
      check(expression, at: 0, node, in: place, expecting: expecting)
      return expression
    }
  }

  /// A text that is only shown: what is known at planning is filled in, and the rest stands as it is written.
  func shownText(_ node: YAMLNode, _ subject: String, in place: ExpressionPlace) -> String? {
    guard node.scalar?.text.contains("${{") == true else { return plainText(node, subject) }
    switch text(node, in: place, subject) {
    case .literal(let text)?: return text
    case .template(let template)?: return template.source
    case .secret?, nil: return nil
    }
  }

  /// A text in which expressions may stand; a wholly constant one becomes a literal.
  func text(
    _ node: YAMLNode, in place: ExpressionPlace, _ subject: String = "the field", expecting: ValueType? = nil
  ) -> Text? {
    guard let scalar = node.scalar else {
      misfit(node, "\(subject) is a text, not \(node.kindName)")
      return nil
    }
    guard scalar.text.contains("${{") else { return .literal(scalar.text) }
    switch TemplateText.parse(scalar.text) {
    case .failure(let errors):
      for problem in errors.problems { report(.expressionSyntax, problem, node) }
      return nil
    case .success(let template):
      if let literal = template.literal { return .literal(literal) }
      if let secret = secret(template, node, in: place) { return secret }
      for case .expression(let expression, let offset) in template.parts {
        check(expression, at: offset, node, in: place, expecting: expecting)
      }
      guard expecting == nil, let constants else { return .template(template) }
      if template.expressions.allSatisfy(constants.covers) { return folded(template, constants, node) }
      return .template(partlyFolded(template, constants, node))
    }
  }

  private func folded(_ template: TemplateText, _ constants: ConstantScope, _ node: YAMLNode) -> Text? {
    do throws(EvaluationError) {
      return .literal(try template.evaluate(in: constants).rendered)
    } catch {
      if isNeverReached { return .template(template) }
      if !diagnostics.hasErrors { report(.expressionType, "this cannot be worked out: \(error.message)", node.span) }
      return nil
    }
  }

  /// A text in which what is known at planning stands as what it gave.
  private func partlyFolded(_ template: TemplateText, _ constants: ConstantScope, _ node: YAMLNode) -> TemplateText {
    var pieces: [TemplateText.Part] = []
    for part in template.parts {
      guard case .expression(let expression, _) = part, constants.covers(expression) else {
        pieces.append(part)
        continue
      }
      switch constants.value(of: expression) {
      case .success(let value): pieces.append(.literal(value.rendered))
      case .failure(let error):
        if !isNeverReached, !diagnostics.hasErrors {
          report(.expressionType, "this cannot be worked out: \(error.message)", node.span)
        }
        return template
      }
    }
    return TemplateText.of(pieces) ?? template
  }

  /// Decodes what is done only where a condition holds: where it is known not to, nothing in it needs to have a value.
  func under<Result>(_ condition: Expression?, _ decode: () -> Result) -> Result {
    let outside = isNeverReached
    defer { isNeverReached = outside }
    if let condition, let constants, constants.covers(condition),
      case .success(.bool(false)) = constants.value(of: condition)
    {
      isNeverReached = true
    }
    return decode()
  }

  /// The secret that a text is as a whole.
  private func secret(_ template: TemplateText, _ node: YAMLNode, in place: ExpressionPlace) -> Text? {
    guard place.allowsSecret, let sole = template.soleExpression, let use = sole.paths.first,
      use.segments.count == 2, use.segments[0] == "inputs", use.range.count == sole.source.utf8.count,
      case .some(.none) = names.inputs[use.segments[1]]
    else { return nil }
    return .secret(names.secretNames[use.segments[1]] ?? use.segments[1])
  }

  /// Texts of variables by name.
  func variables(_ node: YAMLNode?, in place: ExpressionPlace, _ subject: String) -> [EnvironmentVariable] {
    guard let node else { return [] }
    return entries(node, subject).compactMap { pair in
      text(pair.value, in: place.forSecrets, "a variable").map { EnvironmentVariable(name: pair.key, value: $0) }
    }
  }

  /// A variable list with another laid over it; a later value wins, each name once.
  func overlay(_ base: [EnvironmentVariable], _ other: [EnvironmentVariable]) -> [EnvironmentVariable] {
    base.filter { variable in !other.contains { $0.name == variable.name } } + other
  }

  // MARK: Checking

  func check(
    _ expression: Expression, at offset: Int, _ node: YAMLNode, in place: ExpressionPlace, expecting: ValueType?
  ) {
    let result = expression.check(in: RunbookTypes(names: names, place: place), expecting: expecting)
    for problem in result.problems { report(.expressionType, problem.shifted(by: offset), node) }
    for warning in result.warnings {
      report(.expressionWarning, warning.shifted(by: offset), node, severity: .warning)
    }
    zones.formUnion(expression.zoneNames)
    for use in expression.paths { check(use, at: offset, node, in: place) }
    for use in expression.words { check(use, at: offset, node, in: place) }
  }

  /// What is one of a few words is compared with one of them.
  private func check(_ use: WordUse, at offset: Int, _ node: YAMLNode, in place: ExpressionPlace) {
    guard let (subject, words) = ExpressionWords.known(of: use.segments, in: place), !words.contains(use.word) else {
      return
    }
    let nearest = Spelling.nearest(to: use.word, in: words)
    var problem = ExpressionProblem(
      "\(subject) is never `\(use.word)`", range: use.range,
      notes: ["it is one of " + words.filter { !$0.isEmpty }.joined(separator: ", ")])
    if let inner = use.innerRange, let nearest { (problem.range, problem.suggestion) = (inner, nearest) }
    report(.expressionType, problem.shifted(by: offset), node)
  }

  private func check(_ use: PathUse, at offset: Int, _ node: YAMLNode, in place: ExpressionPlace) {
    let span = node.span(ofText: use.range.lowerBound + offset..<use.range.upperBound + offset, in: source)
    guard use.segments.count > 1 else { return }
    if use.segments[0] == "inputs", names.inputs[use.segments[1]] == nil, names.laterInputs.contains(use.segments[1]) {
      report(
        .expressionType, "the input `\(use.segments[1])` is not declared before this one", span,
        notes: ["a default sees the inputs that are declared before its own"])
      return
    }
    if use.segments[0] == "platform" { platformKeys.insert(use.segments[1]) }
    if use.segments[0] == "inputs", case .some(.none) = names.inputs[use.segments[1]] {
      report(
        .secretPlace, "the secret `\(use.segments[1])` cannot be used here", span,
        notes: [
          "a secret stands only as a whole, as \"${{ inputs.\(use.segments[1]) }}\", in `env`, `input`, a header or a body"
        ])
      return
    }
    if use.segments[0] == "inputs", names.optionalInputs.contains(use.segments[1]), !use.isPresenceTest,
      !(use.guards + place.guards).contains(.present(Array(use.segments.prefix(2))))
    {
      report(
        .mayBeAbsent, "the input `\(use.segments[1])` may be absent", span,
        notes: ["ask with has(inputs.\(use.segments[1])), or give it a default"])
      return
    }
    if use.segments[0] == "steps" { checkStep(use, span, in: place) }
  }

  private func checkStep(_ use: PathUse, _ span: ByteSpan, in place: ExpressionPlace) {
    guard let (level, found) = names.step(named: use.segments[1]) else { return }
    let scope = names.scopes[level]
    let step = scope.steps[found]
    let isOutput = use.segments.count > 3 && use.segments[2] == "outputs"
    if isOutput { readSteps.insert(step.id) }
    switch names.reach(of: place, in: level) {
    case .constants, .beforeSteps, .notice: return
    case .outputs:
      if isOutput, let reason = step.mayLack ?? step.mayBeLeftOut { requireGuard(use, place, step, span, reason) }
    case .finally:
      if isOutput { requireGuard(use, place, step, span, "in `finally` it is not known whether the step succeeded") }
    case .step(let own), .undo(let own):
      let ownID = scope.steps[own].id
      if found == own {
        if case .undo = place.reach, level == names.scopes.count - 1 {
          if isOutput {
            // Whatever succeeded without them has not begun, and is not undone.
            var step = step
            step.succeedsWithout = false
            requireGuard(use, place, step, span, "the step may be undone before it gave its outputs")
          }
        } else {
          report(.notNeeded, "the step `\(ownID)` cannot read what it gives itself", span)
        }
        return
      }
      guard scope.reachability?.isNeeded(step.place, by: scope.steps[own].place) == true else {
        report(
          .notNeeded, "`\(step.id)` does not surely come before `\(ownID)`", span,
          labels: [(step.span, "this step")],
          notes: ["add it to the step's `needs`: a step reads only what it needs, directly or through others"])
        return
      }
      if isOutput, let reason = step.mayLack { requireGuard(use, place, step, span, reason) }
    }
  }

  private func requireGuard(
    _ use: PathUse, _ place: ExpressionPlace, _ step: NameTable.Step, _ span: ByteSpan, _ reason: String
  ) {
    if use.isPresenceTest { return }
    let output = Array(use.segments.prefix(4))
    let status = Array(use.segments.prefix(2)) + ["status"]
    let isGuarded = (use.guards + place.guards).contains { known in
      switch known {
      case .present(let path): path == output
      case .equals(let path, .string(let word)) where path == status:
        // A word that no status has is a mistake of its own.
        word == "succeeded" && !step.succeedsWithout || !ExpressionWords.statuses.contains(word)
      default: false
      }
    }
    if isGuarded { return }
    let path = output.joined(separator: ".")
    report(
      .mayBeAbsent, "`\(path)` may be absent: \(reason)", span, labels: [(step.span, "this step")],
      notes: [
        "ask first: has(\(path)) && …"
          + (step.succeedsWithout ? "" : ", or \(status.joined(separator: ".")) == 'succeeded' && …")
      ])
  }

  // MARK: Reports

  func report(_ code: DiagnosticCode, _ problem: ExpressionProblem, _ node: YAMLNode, severity: Severity = .error) {
    let span = node.span(ofText: problem.range, in: source)
    report(
      code, problem.message, span, severity: severity,
      notes: problem.suggestion.map { ["did you mean `\($0)`?"] } ?? problem.notes,
      // Which of the author's own names was meant is for the author to say: another one makes another run of it.
      fix: problem.suggestion.flatMap {
        names.isOwn($0)
          ? nil : Diagnostic.Fix(title: "write `\($0)`", edits: [Diagnostic.Edit(span: span, replacement: $0)])
      })
  }

  private func bareFix(_ node: YAMLNode, _ text: String) -> Diagnostic.Fix? {
    guard text.hasSuffix("}}"), node.scalar?.style == .plain || node.scalar?.style == .doubleQuoted else { return nil }
    var inner = text.dropFirst(3).dropLast(2)
    while inner.first == " " { inner.removeFirst() }
    while inner.last == " " { inner.removeLast() }
    guard !inner.contains("${{"), !inner.contains("\""), !inner.contains("\\"), !inner.contains(": ") else {
      return nil
    }
    return Diagnostic.Fix(
      title: "leave out `${{ }}`",
      edits: [Diagnostic.Edit(span: node.span, replacement: "\"\(inner)\"")])
  }
}
