/// A function of the expression language.
enum Builtin: String, Sendable, CaseIterable {
  // Sizes and conversions.
  case size, int, uint, double, string, bool, bytes, timestamp, duration, dyn, type, seconds
  // Texts.
  case contains, startsWith, endsWith, matches, charAt, indexOf, lastIndexOf, join, lowerAscii, upperAscii, replace
  case split, substring, trim, format, reverse
  case quote = "strings.quote"
  // Time.
  case getFullYear, getMonth, getDate, getDayOfMonth, getDayOfWeek, getDayOfYear, getHours, getMinutes, getSeconds
  case getMilliseconds
  // Optional values.
  case optionalOf = "optional.of"
  case optionalNone = "optional.none"
  case optionalOfNonZero = "optional.ofNonZeroValue"
  case or, orValue, hasValue, value
  // Lists.
  case sum, min, max, isSorted, distinct, flatten, slice, sort, first, last
  case range = "lists.range"
  case unwrap = "optional.unwrap"
  case unwrapOpt
  // Patterns.
  case find, findAll
  // Amounts.
  case quantity, isQuantity, sign, isInteger, asInteger, asApproximateFloat, add, sub, isGreaterThan, isLessThan
  case compareTo
  // Data.
  case toJson, fromJson, pairs, toMap, base64, urlEncode
  case strftime

  /// One way to call a function.
  struct Overload {
    var isMethod: Bool
    /// The types of the arguments, a receiver first.
    var parameters: [ValueType]
    var result: ValueType
  }

  /// The function with this name that is called without a receiver.
  static func global(_ name: String) -> Builtin? { globals[name] }

  /// The function with this name that is called on a receiver.
  static func method(_ name: String) -> Builtin? { methods[name] }

  /// The names of all functions of one form.
  static func names(methods wantsMethods: Bool) -> [String] {
    (wantsMethods ? methods : globals).keys.sorted()
  }

  private static let globals = table { !$0.isMethod }
  private static let methods = table { $0.isMethod }

  private static func table(_ isWanted: (Overload) -> Bool) -> [String: Builtin] {
    var table: [String: Builtin] = [:]
    for function in allCases where function.overloads.contains(where: isWanted) { table[function.rawValue] = function }
    return table
  }
}

extension Builtin {
  /// The ways to call the function.
  var overloads: [Overload] {
    switch self {
    case .size:
      let types: [ValueType] = [.string, .bytes, .list(.dyn), .map(.dyn, .dyn)]
      return types.map { Self.global([$0], .int) } + types.map { Self.method([$0], .int) }
    case .int: return Self.conversions(from: [.int, .uint, .double, .string, .timestamp], to: .int)
    case .uint: return Self.conversions(from: [.uint, .int, .double, .string], to: .uint)
    case .double: return Self.conversions(from: [.double, .int, .uint, .string], to: .double)
    case .string:
      return Self.conversions(
        from: [.string, .int, .uint, .double, .bool, .bytes, .timestamp, .duration], to: .string)
    case .bool: return Self.conversions(from: [.bool, .string], to: .bool)
    case .bytes: return Self.conversions(from: [.bytes, .string], to: .bytes)
    case .timestamp: return Self.conversions(from: [.timestamp, .string, .int], to: .timestamp)
    case .duration: return Self.conversions(from: [.duration, .string], to: .duration)
    case .dyn: return [Self.global([.dyn], .dyn)]
    case .type: return [Self.global([.dyn], .type)]
    case .seconds: return [Self.global([.duration], .double)]
    case .contains, .startsWith, .endsWith: return [Self.method([.string, .string], .bool)]
    case .matches: return [Self.method([.string, .string], .bool), Self.global([.string, .string], .bool)]
    case .charAt: return [Self.method([.string, .int], .string)]
    case .indexOf, .lastIndexOf:
      return [
        Self.method([.string, .string], .int), Self.method([.string, .string, .int], .int),
        Self.method([.list(.dyn), .dyn], .int),
      ]
    case .join:
      return [Self.method([.list(.string)], .string), Self.method([.list(.string), .string], .string)]
    case .lowerAscii, .upperAscii, .trim: return [Self.method([.string], .string)]
    case .reverse: return [Self.method([.string], .string), Self.method([.list(.dyn)], .list(.dyn))]
    case .replace:
      return [
        Self.method([.string, .string, .string], .string), Self.method([.string, .string, .string, .int], .string),
      ]
    case .split:
      return [
        Self.method([.string, .string], .list(.string)), Self.method([.string, .string, .int], .list(.string)),
      ]
    case .substring:
      return [Self.method([.string, .int], .string), Self.method([.string, .int, .int], .string)]
    case .format: return [Self.method([.string, .list(.dyn)], .string)]
    case .quote: return [Self.global([.string], .string)]
    case .getFullYear, .getMonth, .getDate, .getDayOfMonth, .getDayOfWeek, .getDayOfYear:
      return [Self.method([.timestamp], .int), Self.method([.timestamp, .string], .int)]
    case .getHours, .getMinutes, .getSeconds, .getMilliseconds:
      return [
        Self.method([.timestamp], .int), Self.method([.timestamp, .string], .int), Self.method([.duration], .int),
      ]
    case .optionalOf, .optionalOfNonZero: return [Self.global([.dyn], .optional(.dyn))]
    case .optionalNone: return [Self.global([], .optional(.dyn))]
    case .or: return [Self.method([.optional(.dyn), .optional(.dyn)], .optional(.dyn))]
    case .orValue: return [Self.method([.optional(.dyn), .dyn], .dyn)]
    case .hasValue: return [Self.method([.optional(.dyn)], .bool)]
    case .value: return [Self.method([.optional(.dyn)], .dyn)]
    case .sum: return [.int, .uint, .double, .duration].map { Self.method([.list($0)], $0) }
    case .min, .max: return Self.ordered.map { Self.method([.list($0)], $0) }
    case .isSorted: return Self.ordered.map { Self.method([.list($0)], .bool) }
    case .distinct: return [Self.method([.list(.dyn)], .list(.dyn))]
    case .flatten: return [Self.method([.list(.dyn)], .list(.dyn)), Self.method([.list(.dyn), .int], .list(.dyn))]
    case .slice: return [Self.method([.list(.dyn), .int, .int], .list(.dyn))]
    case .sort: return Self.ordered.map { Self.method([.list($0)], .list($0)) }
    case .first, .last: return [Self.method([.list(.dyn)], .optional(.dyn))]
    case .range: return [Self.global([.int], .list(.int))]
    case .unwrap: return [Self.global([.list(.optional(.dyn))], .list(.dyn))]
    case .unwrapOpt: return [Self.method([.list(.optional(.dyn))], .list(.dyn))]
    case .quantity: return [Self.global([.string], .quantity)]
    case .isQuantity: return [Self.global([.string], .bool)]
    case .sign, .asInteger: return [Self.method([.quantity], .int)]
    case .isInteger: return [Self.method([.quantity], .bool)]
    case .asApproximateFloat: return [Self.method([.quantity], .double)]
    case .add, .sub:
      return [Self.method([.quantity, .quantity], .quantity), Self.method([.quantity, .int], .quantity)]
    case .isGreaterThan, .isLessThan: return [Self.method([.quantity, .quantity], .bool)]
    case .compareTo: return [Self.method([.quantity, .quantity], .int)]
    case .find: return [Self.method([.string, .string], .string)]
    case .findAll:
      return [
        Self.method([.string, .string], .list(.string)), Self.method([.string, .string, .int], .list(.string)),
      ]
    case .toJson: return [Self.global([.dyn], .string)]
    case .fromJson: return [Self.global([.string], .dyn)]
    case .pairs: return [Self.global([.string, .string], .map(.string, .string))]
    case .toMap: return [Self.global([.list(.dyn), .string, .string], .map(.dyn, .dyn))]
    case .base64: return [Self.global([.string], .string), Self.global([.bytes], .string)]
    case .urlEncode: return [Self.global([.string], .string)]
    case .strftime:
      return [
        Self.global([.timestamp, .string], .string), Self.global([.timestamp, .string, .string], .string),
      ]
    }
  }

  /// The types whose values have an order.
  static let ordered: [ValueType] = [.int, .uint, .double, .string, .bool, .bytes, .timestamp, .duration]

  private static func global(_ parameters: [ValueType], _ result: ValueType) -> Overload {
    Overload(isMethod: false, parameters: parameters, result: result)
  }

  private static func method(_ parameters: [ValueType], _ result: ValueType) -> Overload {
    Overload(isMethod: true, parameters: parameters, result: result)
  }

  private static func conversions(from types: [ValueType], to result: ValueType) -> [Overload] {
    types.map { global([$0], result) }
  }
}
