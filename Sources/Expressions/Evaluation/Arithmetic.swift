/// `+`, `-`, `*`, `/` and `%`: what does not fit the type of its operands is an error.
enum Arithmetic {
  static func apply(_ operation: BinaryOperator, _ a: Value, _ b: Value) throws(EvaluationError) -> Value {
    switch (a, b) {
    case (.int(let a), .int(let b)): return .int(try integer(operation, a, b))
    case (.uint(let a), .uint(let b)): return .uint(try integer(operation, a, b))
    case (.double(let a), .double(let b)) where operation != .remainder: return .double(double(operation, a, b))
    default: break
    }
    let result: Value?
    switch operation {
    case .add: result = try add(a, b)
    case .subtract: result = try subtract(a, b)
    default: result = nil
    }
    guard let result else {
      throw EvaluationError("`\(operation.text)` does not take \(a.kindName) and \(b.kindName)")
    }
    return result
  }

  /// `-value`
  static func negate(_ value: Value) throws(EvaluationError) -> Value {
    switch value {
    case .int(let number):
      let (result, overflow) = (0 as Int64).subtractingReportingOverflow(number)
      if overflow { throw outOfRange("-\(number)") }
      return .int(result)
    case .double(let number): return .double(-number)
    case .unknown: return value
    default: throw EvaluationError("`-` does not take \(value.kindName)")
    }
  }

  private static func integer<Number: FixedWidthInteger>(
    _ operation: BinaryOperator, _ a: Number, _ b: Number
  ) throws(EvaluationError) -> Number {
    let outcome: (partialValue: Number, overflow: Bool)
    switch operation {
    case .add: outcome = a.addingReportingOverflow(b)
    case .subtract: outcome = a.subtractingReportingOverflow(b)
    case .multiply: outcome = a.multipliedReportingOverflow(by: b)
    default:
      if b == 0 { throw EvaluationError("\(a) cannot be divided by zero") }
      outcome = operation == .divide ? a.dividedReportingOverflow(by: b) : a.remainderReportingOverflow(dividingBy: b)
    }
    if outcome.overflow { throw outOfRange("\(a) \(operation.text) \(b)") }
    return outcome.partialValue
  }

  private static func double(_ operation: BinaryOperator, _ a: Double, _ b: Double) -> Double {
    switch operation {
    case .add: a + b
    case .subtract: a - b
    case .multiply: a * b
    default: a / b
    }
  }

  private static func add(_ a: Value, _ b: Value) throws(EvaluationError) -> Value? {
    switch (a, b) {
    case (.string(let a), .string(let b)):
      try SizeLimit.check(bytes: a.utf8.count + b.utf8.count)
      return .string(a + b)
    case (.bytes(let a), .bytes(let b)):
      try SizeLimit.check(bytes: a.count + b.count)
      return .bytes(a + b)
    case (.list(let a), .list(let b)):
      try SizeLimit.check(elements: a.count + b.count)
      return .list(a + b)
    case (.duration(let a), .duration(let b)):
      return .duration(try inRange(a.adding(b), "\(a) + \(b)"))
    case (.timestamp(let time), .duration(let duration)), (.duration(let duration), .timestamp(let time)):
      return .timestamp(try inRange(time.adding(duration), "\(time) + \(duration)"))
    default: return nil
    }
  }

  private static func subtract(_ a: Value, _ b: Value) throws(EvaluationError) -> Value? {
    switch (a, b) {
    case (.duration(let a), .duration(let b)):
      return .duration(try inRange(a.subtracting(b), "\(a) - \(b)"))
    case (.timestamp(let a), .duration(let b)):
      return .timestamp(try inRange(a.subtracting(b), "\(a) - \(b)"))
    case (.timestamp(let a), .timestamp(let b)):
      // As published, no more than 64 bits of nanoseconds lie between two points in time, some 292 years.
      let difference = a.since(b).flatMap { Int64(exactly: $0.nanoseconds) == nil ? nil : $0 }
      return .duration(try inRange(difference, "\(a) - \(b)"))
    default: return nil
    }
  }

  private static func inRange<Result>(
    _ result: Result?, _ text: @autoclosure () -> String
  ) throws(EvaluationError) -> Result {
    guard let result else { throw outOfRange(text()) }
    return result
  }

  private static func outOfRange(_ text: String) -> EvaluationError { EvaluationError("\(text) is out of range") }
}

/// How large values may become, so that an expression that doubles a text over and over ends.
enum SizeLimit {
  static let bytes = 1 << 26
  static let elements = 1 << 22

  static func check(bytes count: Int) throws(EvaluationError) {
    if count > bytes { throw EvaluationError("a text of an expression is at most 64 MiB long") }
  }

  static func check(elements count: Int) throws(EvaluationError) {
    if count > elements { throw EvaluationError("a list of an expression has at most \(elements) elements") }
  }
}
