import CanonicalJSON
import Expressions

/// Names with their values, and the zones that this machine knows.
///
/// A name may have dots; the longest one that fits counts.
struct Bindings: Scope, TypeEnvironment {
  private var values: [String: Value] = [:]
  private var longest = 1

  /// Bindings of these values; of two with one name the later counts.
  init(_ values: [(name: String, value: Value)]) {
    for (name, value) in values {
      self.values[name] = value
      longest = max(longest, name.utf8.count { $0 == UInt8(ascii: ".") } + 1)
    }
  }

  var timeZones: any TimeZones { ZoneFiles.system }

  func resolve(_ path: [String]) throws(EvaluationError) -> (value: Value, consumed: Int)? {
    for count in stride(from: min(longest, path.count), through: 1, by: -1) {
      if let value = values[count == 1 ? path[0] : path[..<count].joined(separator: ".")] { return (value, count) }
    }
    return nil
  }

  func type(ofPath path: [String]) -> PathType {
    guard let found = try? resolve(path) else { return .unknown(at: 0, suggestions: values.keys.sorted()) }
    return .type(found.value.valueType, consumed: found.consumed)
  }
}
