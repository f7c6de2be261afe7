/// A text with expressions in it: `${{ expression }}`; `$${{` stands for `${{` itself.
///
/// Two are equal if their sources are.
public struct TemplateText: Sendable {
  /// One piece of a template.
  public enum Part: Sendable, Hashable {
    /// A text as it is.
    case literal(String)
    /// An expression without the blanks around it; its source begins so many bytes after that of the template.
    case expression(Expression, offset: Int)
  }

  /// The text it was parsed from.
  public let source: String
  /// The pieces in order; literals are not empty, and no two of them are neighbours.
  public let parts: [Part]

  /// Parses a text; the ranges of problems are bytes of the whole text.
  public static func parse(_ source: String) -> Result<TemplateText, ExpressionErrors> {
    do throws(ExpressionErrors) {
      var parser = TemplateParser(source)
      return .success(TemplateText(source: source, parts: try parser.parse()))
    } catch {
      return .failure(error)
    }
  }

  /// The template of some pieces; nil where none can be written that reads as them.
  public static func of(_ pieces: [Part]) -> TemplateText? {
    var source = ""
    var literals: [String] = [""]
    for piece in pieces {
      switch piece {
      case .literal(let text):
        literals[literals.count - 1] += text
        source += text.split(separator: "${{", omittingEmptySubsequences: false).joined(separator: "$${{")
      case .expression(let expression, _):
        literals.append("")
        source += "${{ " + expression.source + " }}"
      }
    }
    guard case .success(let template) = parse(source) else { return nil }
    // A dollar before an expression, for one, would be taken for the sign that it is none.
    var read: [String] = [""]
    for part in template.parts {
      switch part {
      case .literal(let text): read[read.count - 1] += text
      case .expression: read.append("")
      }
    }
    let expressions = pieces.compactMap {
      if case .expression(let expression, _) = $0 { expression.source } else { nil }
    }
    return read.map { Array($0.utf8) } == literals.map { Array($0.utf8) }
      && template.expressions.map(\.source) == expressions ? template : nil
  }

  /// Whether there is no expression in it.
  public var isLiteral: Bool { literal != nil }

  /// The text of a template without expressions.
  public var literal: String? {
    switch parts.first {
    case nil: ""
    case .literal(let text)? where parts.count == 1: text
    default: nil
    }
  }

  /// The expressions in order.
  public var expressions: [Expression] {
    parts.compactMap { if case .expression(let expression, _) = $0 { expression } else { nil } }
  }

  /// The expression of a template that is nothing else.
  public var soleExpression: Expression? {
    guard parts.count == 1, case .expression(let expression, _) = parts[0] else { return nil }
    return expression
  }

  /// The text with its expressions worked out: a string, or an unknown if one of them is not known.
  public func evaluate(in scope: some Scope) throws(EvaluationError) -> Value {
    var output = ""
    var unknown: Unknown?
    for part in parts {
      switch part {
      case .literal(let text): output += text
      case .expression(let expression, _):
        let value = try expression.evaluate(in: scope)
        if let other = value.unknownWithin {
          unknown = unknown?.merging(other) ?? other
        } else {
          output += value.rendered
        }
      }
      try SizeLimit.check(bytes: output.utf8.count)
    }
    return unknown.map { .unknown($0) } ?? .string(output)
  }
}

extension TemplateText: Hashable {
  /// Whether both have the same source.
  public static func == (a: TemplateText, b: TemplateText) -> Bool { a.source.hasSameBytes(as: b.source) }

  /// Hashes the source.
  public func hash(into hasher: inout Hasher) { source.hashBytes(into: &hasher) }
}
