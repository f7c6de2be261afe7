import CanonicalJSON
import Expressions
import RunbookParser

/// What `result` is in an expression: worked out from what happened only as far as it is asked for.
package enum ResultView: Sendable {
  /// There is none.
  case none
  /// An action or a probe ended.
  case end(ActionEnd)
  /// A check came to a verdict.
  case check(CheckVerdict)
  /// A person, or a checklist, gave these fields.
  case fields([NamedValue])
  /// It is not known.
  case unknown(String)

  /// The value at a path below `result`, and how much of the path led there; nil where there is no such field.
  func resolve(_ path: ArraySlice<String>) throws(EvaluationError) -> (value: Value, consumed: Int)? {
    guard let field = path.first else { return nil }
    switch self {
    case .none:
      return nil
    case .unknown(let source):
      return (.unknown(Unknown(sources: [source])), path.count)
    case .fields(let fields):
      return fields.first { $0.name == field }.map { ($0.value, 1) }
    case .check(let verdict):
      if field == "outputs", path.count > 1 {
        let name = path[path.startIndex + 1]
        return verdict.outputs.first { ExpressionSpelling.of($0.name) == name }.map { ($0.value, 2) }
      }
      if let given = verdict.given.first(where: { $0.name == field }) { return (given.value, 1) }
      guard let end = verdict.end else { return nil }
      return try ResultView.end(end).resolve(path)
    case .end(let end):
      return try Self.resolve(field, path, in: end)
    }
  }

  private static func resolve(
    _ field: String, _ path: ArraySlice<String>, in end: ActionEnd
  ) throws(EvaluationError) -> (value: Value, consumed: Int)? {
    if field == "duration" { return (.duration(ExactDuration(milliseconds: end.duration)), 1) }
    switch end.ending {
    case .exited(let status, let stdout, let stderr):
      return try program(field, status: Int64(status), stdout, stderr)
    case .signalled(_, let stdout, let stderr):
      return try program(field, status: nil, stdout, stderr)
    case .answered(let answer):
      switch field {
      case "status": return (.int(Int64(answer.status)), 1)
      case "headers":
        if path.count > 1 {
          let name = path[path.startIndex + 1]
          return answer.headers.first { $0.name == name }.map { (.string($0.value), 2) }
        }
        return (.map(ValueMap(answer.headers.map { (.string($0.name), .string($0.value)) })), 1)
      case "body": return (.string(try whole(answer.body, "body")), 1)
      case "json": return (try json(try whole(answer.body, "body")), 1)
      case "value", "samples": return (try PrometheusAnswer(answer, try whole(answer.body, "body")).field(field), 1)
      case "tls":
        guard path.count > 1, path[path.startIndex + 1] == "expires", let seconds = answer.certificateExpires
        else { return nil }
        return (.timestamp(Timestamp(seconds: seconds, nanos: 0)), 2)
      default: return nil
      }
    case .unanswered, .cancelled, .assumed, .refuted:
      return nil
    }
  }

  private static func program(
    _ field: String, status: Int64?, _ stdout: CapturedOutput, _ stderr: CapturedOutput
  ) throws(EvaluationError) -> (value: Value, consumed: Int)? {
    switch field {
    case "exit": return status.map { (.int($0), 1) }
    case "stdout": return (.string(try whole(stdout, "stdout")), 1)
    case "stderr": return (.string(try whole(stderr, "stderr")), 1)
    case "lines":
      var lines = try whole(stdout, "stdout").split(separator: "\n", omittingEmptySubsequences: false)
      if lines.last?.isEmpty == true { lines.removeLast() }
      return (.list(lines.map { .string(String($0)) }), 1)
    case "json": return (try json(try whole(stdout, "stdout")), 1)
    default: return nil
    }
  }

  private static func whole(_ output: CapturedOutput, _ name: String) throws(EvaluationError) -> String {
    if !output.isKept { throw EvaluationError("result.\(name) is not there: the step says `keep-output: none`") }
    if output.truncated {
      throw EvaluationError("result.\(name) is \(output.bytes) bytes long; expressions read at most 1 MiB")
    }
    return output.text
  }

  private static func json(_ text: String) throws(EvaluationError) -> Value {
    do {
      return Value(try JSON.parse(Array(text.utf8)))
    } catch {
      throw EvaluationError("the output is not JSON: \(error.message)")
    }
  }
}

extension NamedValue {
  /// What a person gave who did what was asked: the fields, and the name.
  static func answer(_ fields: [NamedValue], by: String) -> [NamedValue] {
    let map = ValueMap(fields.map { (.string(ExpressionSpelling.of($0.name)), $0.value) })
    return [NamedValue(name: "fields", value: .map(map)), NamedValue(name: "by", value: .string(by))]
  }
}
