import Diagnostics
import Expressions
import YAMLSyntax

/// A value given for an input from outside.
public struct GivenInput: Sendable {
  enum Content: Sendable {
    case text(String)
    case node(YAMLNode, SourceText)
  }

  /// The input's name.
  public var name: String
  var content: Content
  /// The place of the name, where it was given in a file.
  var place: (source: SourceText, span: ByteSpan)?

  /// An input as it is typed on a command line; lists, maps, records and json are typed as JSON.
  public init(name: String, text: String) {
    self.name = name
    self.content = .text(text)
  }

  init(name: String, node: YAMLNode, source: SourceText, span: ByteSpan) {
    self.name = name
    self.content = .node(node, source)
    self.place = (source, span)
  }
}

/// An input that has no value yet and needs one.
public struct MissingInput: Sendable, Hashable {
  /// The input's name.
  public var name: String
  /// Its type.
  public var type: InputType
  /// What it is for.
  public var description: String?
}

extension Decoder {
  /// Gives each input its value: what was given, else the default; later defaults see earlier inputs.
  func resolve(
    _ declared: [DeclaredInput], given: [GivenInput]
  ) -> (inputs: [PlannedInput], missing: [MissingInput]) {
    var latest: [String: GivenInput] = [:]
    for input in given {
      latest[input.name] = input
      if !declared.contains(where: { $0.name == input.name }) { refuseUnknown(input, declared) }
    }
    var inputs: [PlannedInput] = []
    var missing: [MissingInput] = []
    // Without a value, which has been said; so is a default that rests on one of them.
    var valueless: Set<String> = []
    for input in declared {
      if let source = input.source {
        if let given = latest[input.name] { refuseSecret(given) }
        inputs.append(
          PlannedInput(
            name: input.name, type: input.type, content: .secret(source), isOptional: !input.isRequired))
        continue
      }
      let given = latest[input.name].map { value($0, for: input) }
      if let value = given ?? (input.rests(on: valueless) ? nil : defaultValue(of: input)) {
        constants?.inputs[ExpressionSpelling.of(input.name)] = value
        inputs.append(PlannedInput(name: input.name, type: input.type, content: .value(value)))
      } else if input.isRequired, latest[input.name] == nil, input.defaultNode == nil {
        missing.append(MissingInput(name: input.name, type: input.type, description: input.description))
        valueless.insert(ExpressionSpelling.of(input.name))
      } else {
        if input.isRequired || latest[input.name] != nil || input.defaultNode != nil {
          valueless.insert(ExpressionSpelling.of(input.name))
        }
        inputs.append(PlannedInput(name: input.name, type: input.type, content: .absent))
      }
    }
    return (inputs, missing)
  }

  /// Holds what the environments of a runbook give its inputs to the types of these, before any of them is chosen.
  func lookAtGivenInputs(_ declared: [DeclaredInput], in environments: [String]) {
    guard let file = settings.source else { return }
    for environment in settings.root?["environments"]?.mapping ?? [] {
      guard environments.isEmpty || environments.contains(environment.key) else { continue }
      for pair in environment.value["inputs"]?.mapping ?? [] {
        guard let input = declared.first(where: { $0.name == pair.key }) else { continue }
        let given = GivenInput(name: pair.key, node: pair.value, source: file, span: pair.keySpan)
        if input.source != nil { refuseSecret(given) } else { _ = value(given, for: input) }
      }
    }
  }

  private func value(_ given: GivenInput, for input: DeclaredInput) -> Value? {
    switch given.content {
    case .text(let text):
      switch input.type.read(text: text) {
      case .success(let value): return value
      case .failure(let problem):
        report(.inputValue, "input `\(input.name)`: \(problem.message)", input.span)
        return nil
      }
    case .node(let node, let source):
      let other = Decoder(source: source)
      let value = other.value(node, of: input.type, "input `\(input.name)`")
      diagnostics += other.diagnostics
      return value
    }
  }

  private func defaultValue(of input: DeclaredInput) -> Value? {
    if let value = input.defaultValue { return value }
    guard let scope = constants, case .template(let template)? = input.defaultText else { return nil }
    let evaluated: Result<Value, EvaluationError>
    if let sole = template.soleExpression {
      evaluated = scope.value(of: sole)
    } else {
      do throws(EvaluationError) {
        evaluated = .success(try template.evaluate(in: scope))
      } catch {
        evaluated = .failure(error)
      }
    }
    switch evaluated.mapError({ ValueProblem($0.message) }).flatMap(input.type.accept) {
    case .success(let value): return value
    case .failure(let problem):
      report(
        .inputValue, "the default of `\(input.name)` cannot be used: \(problem.message)",
        input.defaultNode?.span ?? input.span)
      return nil
    }
  }

  private func refuseUnknown(_ given: GivenInput, _ declared: [DeclaredInput]) {
    let nearest = Spelling.nearest(to: given.name, in: declared.map(\.name))
    let names = declared.map(\.name).joined(separator: ", ")
    diagnostics.append(
      Diagnostic(
        .unknownInput, "the runbook has no input `\(given.name)`", source: given.place?.source ?? source,
        span: given.place?.span ?? ByteSpan(0, 0),
        notes: [
          nearest.map { "did you mean `\($0)`?" } ?? (names.isEmpty ? "it has no inputs" : "its inputs are \(names)")
        ]))
  }

  private func refuseSecret(_ given: GivenInput) {
    diagnostics.append(
      Diagnostic(
        .secretPlace,
        "the secret `\(given.name)` cannot be given as an input: it would stand in a file or a process list",
        source: given.place?.source ?? source, span: given.place?.span ?? ByteSpan(0, 0),
        notes: ["its value comes from where the runbook's `from` says"]))
  }
}

extension DeclaredInput {
  /// Whether the default is worked out from one of these inputs.
  fileprivate func rests(on inputs: Set<String>) -> Bool {
    guard !inputs.isEmpty, case .template(let template)? = defaultText else { return false }
    return template.expressions.flatMap(\.paths).contains { path in
      path.segments.count > 1 && path.segments[0] == "inputs" && inputs.contains(path.segments[1])
    }
  }
}
