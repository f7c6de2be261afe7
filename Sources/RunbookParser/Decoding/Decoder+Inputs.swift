import Diagnostics
import Expressions
import YAMLSyntax

/// An input as the runbook declares it.
struct DeclaredInput {
  var name: String
  var type: InputType
  var span: ByteSpan
  var description: String?
  var isRequired: Bool
  var defaultNode: YAMLNode?
  var defaultText: Text?
  var defaultValue: Value?
  var source: SecretSource?
}

extension Decoder {
  /// The declarations under `inputs`; their names become known one after the other.
  func inputs(_ node: YAMLNode?) -> [DeclaredInput] {
    guard let node else { return [] }
    var declared: [DeclaredInput] = []
    let pairs = entries(node, "`inputs`")
    names.laterInputs = Set(pairs.map { ExpressionSpelling.of($0.key) })
    defer { names.laterInputs = [] }
    for pair in pairs {
      defer { names.laterInputs.remove(ExpressionSpelling.of(pair.key)) }
      guard name(pair.key, pair.keySpan, "an input"), let input = input(pair) else {
        // It is declared all the same: who uses it makes no mistake of his own.
        names.inputs.updateValue(.dyn, forKey: ExpressionSpelling.of(pair.key))
        misdeclaredInputs.insert(pair.key)
        continue
      }
      declared.append(input)
      names.inputSpans[input.name] = input.span
      let spelled = ExpressionSpelling.of(input.name)
      names.inputs.updateValue(input.type == .secret ? nil : input.type.valueType, forKey: spelled)
      if input.type == .secret { names.secretNames[spelled] = input.name }
      if input.type != .secret, !input.isRequired, input.defaultNode == nil { names.optionalInputs.insert(spelled) }
    }
    return declared
  }

  private func input(_ pair: YAMLPair) -> DeclaredInput? {
    let node = pair.value
    guard let type = type(node, .input, "an input") else { return nil }
    var input = DeclaredInput(name: pair.key, type: type, span: pair.keySpan, isRequired: true)
    input.description = node["description"].flatMap { plainText($0, "`description`") }
    input.isRequired = flag(node["required"], "`required`") ?? true
    input.defaultNode = node["default"]
    if type == .secret {
      input.source = node["from"].flatMap { secretSource($0) }
      return input
    }
    if let written = node["default"] { decodeDefault(written, of: &input) }
    return input
  }

  private func decodeDefault(_ node: YAMLNode, of input: inout DeclaredInput) {
    if let scalar = node.scalar, scalar.text.contains("${{") {
      guard case .success(let template) = TemplateText.parse(scalar.text), template.literal == nil else {
        _ = text(node, in: ExpressionPlace(.constants), "`default`")
        return
      }
      let isWhole = template.soleExpression != nil
      let kept = constants
      constants = nil
      input.defaultText = text(
        node, in: ExpressionPlace(.constants), "`default`",
        expecting: isWhole ? expectation(input.type) : nil)
      constants = kept
    } else {
      input.defaultValue = value(node, of: input.type, "the default of `\(input.name)`")
    }
  }

  private func secretSource(_ node: YAMLNode) -> SecretSource? {
    if node.scalar?.text == "prompt" { return .prompt }
    guard let node = mapping(node, .secretSource), let pair = node.mapping?.first else { return nil }
    switch pair.key {
    case "env": return plainText(pair.value, "`env`").map { .env($0) }
    case "file": return plainText(pair.value, "`file`").map { .file($0) }
    case "command":
      let words = elements(pair.value, "`command`").compactMap { plainText($0, "a word of `command`") }
      return .command(words)
    default: return .prompt
    }
  }

  // MARK: Constants

  /// The runbook's constants, each over the inputs and those before it; with constants known they are worked out.
  func values(_ node: YAMLNode?) -> [NamedValue] {
    guard let node else { return [] }
    var found: [NamedValue] = []
    for pair in entries(node, "`values`") {
      if let first = valueSources[pair.key] {
        diagnostics.append(
          Diagnostic(
            .duplicateName, "a second value is called `\(pair.key)`", source: source, span: pair.keySpan,
            labels: [Diagnostic.Label(source: first.source, span: first.span, message: "this is the first")]))
        continue
      }
      valueSources[pair.key] = (source, pair.keySpan)
      guard name(pair.key, pair.keySpan, "a value"), let type = type(pair.value, .value, "a value"),
        let written = required("value", of: pair.value, "a value")
      else {
        names.values[ExpressionSpelling.of(pair.key)] = .dyn
        continue
      }
      let expression = expression(
        written, in: ExpressionPlace(.constants), "`value`", expecting: expectation(type))
      let spelled = ExpressionSpelling.of(pair.key)
      names.values[spelled] = type.valueType
      guard let expression else { continue }
      valueDeclarations.append(OutputDeclaration(name: pair.key, type: type, value: expression))
      guard let scope = constants else { continue }
      guard scope.covers(expression) else {
        constants?.later.insert("values.\(spelled)")
        continue
      }
      switch scope.value(of: expression).mapError({ ValueProblem($0.message) }).flatMap(type.accept) {
      case .success(let value):
        found.append(NamedValue(name: pair.key, value: value))
        constants?.values[spelled] = value
      case .failure(let problem):
        report(.expressionType, "the value `\(pair.key)` cannot be worked out: \(problem.message)", written.span)
      }
    }
    return found
  }
}
