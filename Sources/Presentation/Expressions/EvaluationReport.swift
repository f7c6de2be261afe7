import CanonicalJSON
import Expressions

/// The value of an expression that was tried out.
package enum EvaluationReport {
  /// For people: a text as it stands, anything else as a template would show it.
  package static func text(_ value: Value) -> String { value.rendered }

  /// For programs: the type's name, the value as plain JSON, and both without loss.
  package static func json(_ value: Value) -> JSON {
    .object([.init("tagged", value.taggedJSON), .init("type", .string(value.typeName)), .init("value", value.json)])
  }

  /// One line of a batch, without its end: the value in its tagged form, or why there is none.
  package static func line(_ result: Result<Value, EvaluationError>) -> [UInt8] {
    let content: JSON.Member =
      switch result {
      case .success(let value): .init("value", value.taggedJSON)
      case .failure(let error): .init("error", .string(error.message))
      }
    return JSON.object([content]).canonicalBytes()
  }
}
