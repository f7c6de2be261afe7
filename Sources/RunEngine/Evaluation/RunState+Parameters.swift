import Expressions
import RunbookParser

extension RunState {
  /// The values of a named check's parameters, in the scope of who uses it.
  func parameters(of check: Check, at vantage: Vantage) -> Result<[NamedValue], ResolveProblem> {
    var values: [NamedValue] = []
    for parameter in check.parameters {
      let value: Result<Value, ResolveProblem> =
        switch parameter.content {
        case .value(let known): .success(known)
        case .expression(let expression): self.value(expression, at: vantage)
        case .text(let text): resolveText(text, at: vantage).map { .string($0) }
        }
      switch value {
      case .success(let value):
        switch parameter.type.accept(value) {
        case .success(let accepted): values.append(NamedValue(name: parameter.name, value: accepted))
        case .failure(let problem): return .failure(.error("with.\(parameter.name): \(problem.message)"))
        }
      case .failure(.unknown(let source)):
        values.append(NamedValue(name: parameter.name, value: .unknown(Unknown(sources: [source]))))
      case .failure(let problem): return .failure(problem)
      }
    }
    return .success(values)
  }
}
