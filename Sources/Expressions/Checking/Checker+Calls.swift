import Diagnostics

/// Functions and macros.
extension Checker {
  mutating func call(_ node: Int, _ function: Builtin, _ arguments: [Int]) -> ValueType {
    if function == .int, let first = arguments.first { wholeDivisions.insert(first) }
    let types = arguments.map { type(of: $0) }
    let overloads = function.overloads
    guard overloads.contains(where: { $0.takes(types) }) else {
      reportMismatch(node, function, types, overloads)
      return overloads.allSatisfy { $0.result == overloads[0].result } ? overloads[0].result : .dyn
    }
    checkLiterals(function, arguments)
    switch function {
    case .dyn: return .dyn
    case .optionalOf: return .optional(types[0])
    case .optionalOfNonZero: return .optional(types[0].withoutNull)
    case .or: return types[0].joined(with: types[1])
    case .orValue: return types[0].content.joined(with: types[1])
    case .value: return types[0].content
    case .reverse, .distinct, .slice: return types[0]
    case .first, .last: return .optional(types[0].element)
    case .flatten where arguments.count == 1: return .list(types[0].element.element)
    case .unwrap, .unwrapOpt: return .list(types[0].element.content)
    default:
      // What cannot be told apart yet is one of several.
      var results = overloads.lazy.filter { $0.takes(types) }.map(\.result).makeIterator()
      guard let first = results.next() else { return .dyn }
      while let other = results.next() { if other != first { return .dyn } }
      return first
    }
  }

  private mutating func reportMismatch(
    _ node: Int, _ function: Builtin, _ types: [ValueType], _ overloads: [Builtin.Overload]
  ) {
    let given = types.map(\.displayName).joined(separator: ", ")
    let forms = overloads.map { overload in
      let names = overload.parameters.map(\.displayName)
      return overload.isMethod
        ? "(\(names[0])).\(function.rawValue)(\(names.dropFirst().joined(separator: ", ")))"
        : "\(function.rawValue)(\(names.joined(separator: ", ")))"
    }
    report(
      "`\(function.rawValue)` does not take (\(given))", tree.range(node),
      notes: ["it takes " + forms.joined(separator: ", ")] + Self.questions(of: types))
  }

  /// Texts that are read when the expression is evaluated must be readable.
  private mutating func checkLiterals(_ function: Builtin, _ arguments: [Int]) {
    guard let last = arguments.last, case .literal(.string(let text)) = tree.nodes[last] else { return }
    let range = tree.range(last)
    switch function {
    case .duration where ExactDuration(text) == nil:
      let inHours = ExactDuration(text, days: true).map { ["a day has no fixed length; write \($0.seconds / 3600)h"] }
      report("`\(text)` is no duration", range, notes: inHours ?? ["such as '1h30m' or '500ms'"])
    case .quantity where Quantity(text) == nil:
      report("`\(text)` is no quantity", range, notes: ["such as '250m' or '1.5Gi'"])
    case .timestamp where Timestamp(text) == nil:
      report("`\(text)` is no timestamp", range, notes: ["such as '2026-01-12T03:14:00Z'"])
    case .matches, .find, .findAll:
      do throws(PatternError) {
        _ = try LinearPattern(text)
      } catch {
        report("this is no pattern: \(error.message)", range)
      }
    default: break
    }
  }

  mutating func unknownCall(_ function: UnknownFunction, _ arguments: [Int]) -> ValueType {
    for argument in arguments { _ = type(of: argument) }
    let name = function.name
    let range = function.nameRange.range
    guard function.otherForm == nil else {
      let form = function.isMethod ? "\(name)(x)" : "x.\(name)()"
      report("`\(name)` is called like this: \(form)", range)
      return .dyn
    }
    let names = Builtin.names(methods: function.isMethod) + (function.isMethod ? Self.macros : ["has"])
    report(
      "there is no function `\(name)`", range, suggestion: Spelling.nearest(to: name, in: names))
    return .dyn
  }

  private static let macros = ["all", "exists", "exists_one", "filter", "map", "sortBy", "optMap", "optFlatMap"]

  // MARK: Macros

  mutating func type(of comprehension: Comprehension) -> ValueType {
    let range = type(of: comprehension.range)
    let element: ValueType
    switch range {
    case .dyn: element = .dyn
    case .list(let type): element = type
    case .map(let key, _): element = key
    case .record: element = .string
    default:
      report(
        "a macro goes over a list or a map, and this is \(range.displayName)", tree.range(comprehension.range))
      element = .dyn
    }
    locals[comprehension.slot] = element
    if let condition = comprehension.condition { require(.bool, of: condition, "the condition of a macro") }
    switch comprehension.kind {
    case .all, .exists, .existsOne: return .bool
    case .filter:
      let facts = comprehension.condition.flatMap { tree.facts($0, when: true) } ?? []
      let place = Place(slot: comprehension.slot, segments: [])
      return .list(facts.contains { $0.excludesNull(at: place) } ? element.withoutNull : element)
    case .sortBy:
      if let key = comprehension.transform {
        let type = type(of: key)
        if !Builtin.ordered.contains(where: { $0.accepts(type) }) {
          report("`sortBy` needs keys that have an order, and this is \(type.displayName)", tree.range(key))
        }
      }
      return .list(element)
    case .map:
      guard let transform = comprehension.transform else { return .list(.dyn) }
      return .list(type(of: transform, knowing: comprehension.condition.flatMap { tree.facts($0, when: true) }))
    }
  }

  mutating func optionalMap(_ operand: Int, _ slot: Int, _ body: Int, _ isFlat: Bool) -> ValueType {
    let given = type(of: operand)
    switch given {
    case .optional, .dyn: break
    default:
      report(
        "`\(isFlat ? "optFlatMap" : "optMap")` takes an optional value, and this is \(given.displayName)",
        tree.range(operand))
    }
    locals[slot] = given.content
    let result = type(of: body)
    guard isFlat else { return .optional(result) }
    switch result {
    case .optional, .dyn: break
    default: report("`optFlatMap` makes an optional value, and this is \(result.displayName)", tree.range(body))
    }
    return result.wrapped
  }
}

extension Builtin.Overload {
  fileprivate func takes(_ types: [ValueType]) -> Bool {
    guard types.count == parameters.count else { return false }
    for (place, type) in types.enumerated() where !parameters[place].accepts(type) { return false }
    return true
  }
}

extension ValueType {
  /// The type of the content of an optional value.
  fileprivate var content: ValueType { if case .optional(let content) = self { content } else { .dyn } }

  /// The type of the elements of a list; of what is no list, as `flatten` takes it, its own.
  fileprivate var element: ValueType { if case .list(let element) = self { element } else { self } }
}
