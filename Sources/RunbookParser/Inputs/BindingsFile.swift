import Diagnostics
import Expressions
import YAMLSyntax

extension RunbookCompiler {
  /// The names that a file gives values to, for expressions on trial: a mapping in YAML or JSON.
  ///
  /// Plain scalars that are numbers, truth values or null in JSON are that, all else is a text; names, and the names
  /// within `inputs` and `values`, are spelled as expressions spell them.
  public static func bindingsFile(_ source: SourceText) -> (values: [(name: String, value: Value)], [Diagnostic]) {
    let (root, problems) = YAMLReader.read(source)
    guard let root, !problems.hasErrors else { return ([], problems) }
    guard let pairs = root.mapping else {
      let problem = Diagnostic(
        .wrongKind, "a file of bindings is a mapping of names to values, not \(root.kindName)", source: source,
        span: root.span)
      return ([], problems + [problem])
    }
    let values = pairs.map { pair in
      let value = Value(Decoder.json(pair.value))
      guard case .map(let map) = value, pair.key == "inputs" || pair.key == "values" else {
        return (name: ExpressionSpelling.of(pair.key), value: value)
      }
      let spelled = zip(map.keys, map.values).map { (Value.string(ExpressionSpelling.of($0.rendered)), $1) }
      return (name: pair.key, value: .map(ValueMap(spelled)))
    }
    return (values, problems)
  }
}
