/// Names that the scope knows.
extension Evaluator {
  func path(_ path: Int) throws(EvaluationError) -> Value {
    let path = tree.paths[path]
    guard let found = try scope.resolve(path.segments) else { throw Self.absent(path) }
    var value = found.value
    for segment in path.segments.dropFirst(found.consumed) { value = try Member.select(segment, of: value) }
    return value
  }

  /// Whether a chain of names leads to something.
  func presence(ofPath path: Int) throws(EvaluationError) -> Value {
    let path = tree.paths[path]
    guard let found = try known(path) else { return .bool(false) }
    if found.consumed >= path.segments.count {
      if case .unknown = found.value { return found.value }
      return .bool(true)
    }
    let owner = try owner(path, found)
    return try Member.presence(of: path.segments[path.segments.count - 1], in: owner)
  }

  /// What a chain of names leads to, if anything.
  func optionalPath(_ path: Int) throws(EvaluationError) -> Value {
    let path = tree.paths[path]
    guard let found = try known(path) else { return .optional(nil) }
    if found.consumed >= path.segments.count {
      if case .unknown = found.value { return found.value }
      return .optional(found.value)
    }
    let owner = try owner(path, found)
    return try Member.optional(path.segments[path.segments.count - 1], of: owner)
  }

  /// What the scope knows of a chain of names; nil where something of it is missing.
  private func known(_ path: StaticPath) throws(EvaluationError) -> (value: Value, consumed: Int)? {
    do throws(EvaluationError) {
      return try scope.resolve(path.segments)
    } catch {
      if error.isMissing { return nil }
      throw error
    }
  }

  /// What the last name of a chain is a field of.
  private func owner(
    _ path: StaticPath, _ found: (value: Value, consumed: Int)
  ) throws(EvaluationError) -> Value {
    var value = found.value
    for segment in path.segments[found.consumed..<path.segments.count - 1] {
      value = try Member.select(segment, of: value)
    }
    return value
  }

  private static func absent(_ path: StaticPath) -> EvaluationError {
    .missing("there is no `\(path.segments.joined(separator: "."))` here")
  }
}
