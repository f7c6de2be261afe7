import CanonicalJSON
import Diagnostics
import Expressions
import YAMLSyntax

/// An action with what follows from its kind.
struct DecodedAction {
  var action: Action
  /// The effect if the author says none; nil where it must be said.
  var defaultEffect: Effect?
  /// What `result` is afterwards.
  var result: ResultShape
  /// The key that it stood under.
  var key: String
  var keySpan: ByteSpan
}

extension Decoder {
  /// The one action of a step, a way back or a dry run.
  func action(_ node: YAMLNode, in place: ExpressionPlace) -> DecodedAction? {
    let pairs = (node.mapping ?? []).filter { KeyTable.actions.contains($0.key) }
    return pairs.first.flatMap { decode($0, of: node, in: place) }
  }

  private func decode(_ pair: YAMLPair, of node: YAMLNode, in place: ExpressionPlace) -> DecodedAction? {
    func decoded(_ action: Action?, _ result: ResultShape) -> DecodedAction? {
      action.map {
        DecodedAction(
          action: $0, defaultEffect: Effect.unsaid(of: pair.key, method: pair.value["method"]?.scalar?.text),
          result: result, key: pair.key, keySpan: pair.keySpan)
      }
    }
    switch pair.key {
    case "exec", "run":
      return decoded(program(pair, of: node, in: place).map { .program($0) }, .program)
    case "http":
      return decoded(http(pair.value, in: place).map { .http($0) }, .http)
    case "manual":
      let manual = manual(pair.value, in: place)
      return decoded(
        manual.map { .manual($0) },
        .fields(
          (manual?.fields ?? []).map { (name: ExpressionSpelling.of($0.name), type: $0.type.valueType) }))
    case "decide": return decoded(decide(pair.value, in: place).map { .decide($0) }, .choice)
    case "checklist":
      let items = elements(pair.value, "`checklist`")
      return decoded(.checklist(items.compactMap { checklistItem($0, in: place) }), .items)
    case "wait":
      return decoded(duration(pair.value, "`wait`").map { .wait($0) }, .none)
    case "prometheus":
      return decoded(prometheus(pair.value, in: place).map { .prometheus($0) }, .prometheus)
    case "notify":
      return decoded(notice(pair.value, in: place).map { .notify($0) }, .delivery)
    case "assert":
      return decoded(
        expression(pair.value, in: place, "`assert`", expecting: .bool).map { .assert($0) }, .none)
    default:
      let check = checkReference(pair.value, with: node["with"], in: place)
      return decoded(check.map { .check($0) }, .check(check))
    }
  }

  // MARK: Programs

  /// `exec` or `run` with the keys beside it.
  func program(_ pair: YAMLPair, of node: YAMLNode, in place: ExpressionPlace) -> Program? {
    var program: Program?
    if pair.key == "exec" {
      program = arguments(pair.value, in: place).map { Program(.exec($0)) }
    } else if let script = plainText(pair.value, "`run`") {
      refuseExpressions(pair.value, script, of: node)
      program = Program(.script(script, shell: shell(node["shell"])))
    }
    program?.environment = overlay(environment, variables(node["env"], in: place, "`env`"))
    program?.directory = node["directory"].flatMap { text($0, in: place, "`directory`") }
    program?.place = self.place(node["on"], in: place)
    program?.input = node["input"].flatMap { text($0, in: place.forSecrets, "`input`") }
    if let program { caution(pair, of: node, program) }
    return program
  }

  func arguments(_ node: YAMLNode, in place: ExpressionPlace, _ subject: String = "`exec`") -> [ProgramArgument]? {
    let words = elements(node, subject)
    guard !words.isEmpty else { return nil }
    var arguments: [ProgramArgument] = []
    arguments.reserveCapacity(words.count)
    for word in words {
      if let spliced = spliced(word, in: place) {
        arguments += spliced
      } else if let text = text(word, in: place, "an argument") {
        arguments.append(.word(text))
      }
    }
    return arguments
  }

  /// A word that is one whole list: as many arguments as it has elements. Nil where it is not one.
  private func spliced(_ word: YAMLNode, in place: ExpressionPlace) -> [ProgramArgument]? {
    guard let scalar = word.scalar, scalar.text.hasPrefix("${{"),
      case .success(let template) = TemplateText.parse(scalar.text), let sole = template.soleExpression,
      isList(sole, in: place), case .expression(_, let offset)? = template.parts.first
    else { return nil }
    check(sole, at: offset, word, in: place, expecting: nil)
    guard let constants, constants.covers(sole) else { return [.spliced(sole)] }
    switch constants.value(of: sole) {
    case .success(.list(let values)): return values.map { .word(.literal($0.rendered)) }
    case .success: return [.spliced(sole)]
    case .failure where isNeverReached: return [.spliced(sole)]
    case .failure(let error):
      if !diagnostics.hasErrors { report(.expressionType, "this cannot be worked out: \(error.message)", word.span) }
      return []
    }
  }

  private func isList(_ expression: Expression, in place: ExpressionPlace) -> Bool {
    if case .list = expression.check(in: RunbookTypes(names: names, place: place)).type { return true }
    return false
  }

  private func shell(_ node: YAMLNode?) -> [String] {
    guard let node else { return ["bash", "-euo", "pipefail", "-c"] }
    if node.scalar != nil {
      guard let name = plainText(node, "`shell`") else { return [] }
      let base = name.split(separator: "/").last.map(String.init) ?? name
      return base == "bash" ? [name, "-euo", "pipefail", "-c"] : [name, "-eu", "-c"]
    }
    return elements(node, "`shell`").compactMap { plainText($0, "a word of `shell`") }
  }

  /// In a script an expression would be pasted into code; its value comes through `env`.
  private func refuseExpressions(_ node: YAMLNode, _ script: String, of step: YAMLNode) {
    guard script.contains("${{"), case .success(let template) = TemplateText.parse(script) else { return }
    for case .expression(let expression, let offset) in template.parts {
      let end = offset + expression.source.utf8.count
      report(
        .expressionInScript, "an expression cannot stand in a script", node.span(ofText: offset..<end, in: source),
        notes: [
          "give it to the script through `env`: `env: {VALUE: \"${{ \(expression.source) }}\"}` and \"$VALUE\" in the script"
        ],
        fix: ScriptFix(
          source: source, step: step, node: node, script: Array(script.utf8), expression: expression
        ).make(at: offset))
    }
  }

  // MARK: HTTP

  func http(_ node: YAMLNode, in place: ExpressionPlace) -> HTTPCall? {
    guard let node = mapping(node, .http), let address = required("url", of: node, "a request"),
      let url = text(address, in: place, "`url`")
    else { return nil }
    let method = node["method"].flatMap { plainText($0, "`method`") }?.uppercased() ?? "GET"
    var call = HTTPCall(method: method, url: url)
    call.headers = variables(node["headers"], in: place, "`headers`")
    call.follow = flag(node["follow"], "`follow`") ?? false
    call.ca = node["ca"].flatMap { text($0, in: place, "`ca`") }
    if let body = node["body"] { call.body = text(body, in: place.forSecrets, "`body`") }
    if let json = node["json"] {
      call.body = jsonBody(json, in: place)
      if !call.headers.contains(where: { $0.name.lowercased() == "content-type" }) {
        call.headers.append(EnvironmentVariable(name: "Content-Type", value: .literal("application/json")))
      }
    }
    return call
  }

  /// A JSON document written as YAML; expressions in its texts are put in as JSON strings.
  private func jsonBody(_ node: YAMLNode, in place: ExpressionPlace) -> Text? {
    var source = ""
    guard appendJSON(node, in: place, to: &source) else { return nil }
    switch TemplateText.parse(source) {
    case .success(let template):
      if let literal = template.literal { return .literal(literal) }
      if let constants, template.expressions.allSatisfy(constants.covers) { return folded(template, constants) }
      return .template(template)
    case .failure(let errors):
      for problem in errors.problems { report(.expressionSyntax, problem.message, node.span, notes: problem.notes) }
      return nil
    }
  }

  private func folded(_ template: TemplateText, _ constants: ConstantScope) -> Text? {
    do throws(EvaluationError) { return .literal(try template.evaluate(in: constants).rendered) } catch { return nil }
  }

  private func appendJSON(_ node: YAMLNode, in place: ExpressionPlace, to json: inout String) -> Bool {
    switch node.content {
    case .scalar(let scalar):
      guard scalar.text.contains("${{") else {
        json += Self.escapingTemplates(Self.jsonScalar(scalar))
        return true
      }
      guard let text = text(node, in: place, "a text") else { return false }
      switch text {
      case .literal(let literal):
        json += Self.escapingTemplates(String(decoding: JSON.string(literal).canonicalBytes(), as: UTF8.self))
      case .template(let template):
        // A whole expression keeps its type; inside a text it becomes part of the text.
        let parts = template.parts.map { part in
          switch part {
          case .literal(let literal): String(decoding: JSON.string(literal).canonicalBytes(), as: UTF8.self)
          case .expression(let expression, _): "string(\(expression.source))"
          }
        }
        json += "${{ toJson(\(template.soleExpression?.source ?? parts.joined(separator: " + "))) }}"
      case .secret: return false
      }
      return true
    case .sequence(let nodes):
      json += "["
      for (index, element) in nodes.enumerated() {
        if index > 0 { json += "," }
        guard appendJSON(element, in: place, to: &json) else { return false }
      }
      json += "]"
      return true
    case .mapping(let pairs):
      json += "{"
      for (index, pair) in pairs.enumerated() {
        if index > 0 { json += "," }
        json += Self.escapingTemplates(String(decoding: JSON.string(pair.key).canonicalBytes(), as: UTF8.self)) + ":"
        guard appendJSON(pair.value, in: place, to: &json) else { return false }
      }
      json += "}"
      return true
    }
  }

  /// A plain scalar that is a JSON number, truth value or null stays one; anything else is a text.
  private static func jsonScalar(_ scalar: YAMLScalar) -> String {
    if scalar.style == .plain {
      if scalar.text.isEmpty { return "null" }
      switch try? JSON.parse(scalar.text) {
      case .int, .double, .bool, .null: return scalar.text
      default: break
      }
    }
    return String(decoding: JSON.string(scalar.text).canonicalBytes(), as: UTF8.self)
  }

  private static func escapingTemplates(_ text: String) -> String {
    text.contains("${{")
      ? text.split(separator: "${{", omittingEmptySubsequences: false).joined(separator: "$${{") : text
  }
}
