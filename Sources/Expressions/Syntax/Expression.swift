/// A parsed expression.
///
/// Two are equal if their sources are.
public struct Expression: Sendable {
  /// The text it was parsed from.
  public let source: String
  let tree: SyntaxTree

  /// Parses a text: syntax only, names and types are looked at by `check`.
  public static func parse(_ source: String) -> Result<Expression, ExpressionErrors> {
    do throws(ExpressionErrors) {
      var parser = try Parser(source)
      return .success(Expression(source: source, tree: try parser.parse()))
    } catch {
      return .failure(error)
    }
  }

  /// The value of an expression that is nothing but a literal.
  public var literal: Value? {
    if case .literal(let value) = tree.nodes[tree.root] { value } else { nil }
  }
}

extension Expression: Hashable {
  /// Whether both have the same source.
  public static func == (a: Expression, b: Expression) -> Bool { a.source.hasSameBytes(as: b.source) }

  /// Hashes the source.
  public func hash(into hasher: inout Hasher) { source.hashBytes(into: &hasher) }
}
