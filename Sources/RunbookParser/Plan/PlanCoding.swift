import CanonicalJSON

/// Why a plan from a record cannot be read.
public struct PlanCodingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What is wrong with it.
  public let description: String

  init(_ description: String) { self.description = description }
}

/// Builds an object, leaving out what has no value, is false or is empty.
struct ObjectBuilder {
  private(set) var members: [JSON.Member] = []

  var json: JSON { .object(members) }

  mutating func put(_ key: String, _ value: JSON?) {
    if let value { members.append(JSON.Member(key, value)) }
  }

  mutating func put(_ key: String, text: String?) { put(key, text.map { .string($0) }) }

  mutating func put(_ key: String, number: Int64?) { put(key, number.map { .int($0) }) }

  mutating func put(_ key: String, flag: Bool) { if flag { put(key, .bool(true)) } }

  mutating func put(_ key: String, list: [JSON]) { if !list.isEmpty { put(key, .array(list)) } }

  mutating func put(_ key: String, texts: [String]) { put(key, list: texts.map { .string($0) }) }
}

/// Reads the members of an object.
struct ObjectReader {
  let json: JSON
  let subject: String

  init(_ json: JSON, _ subject: String) throws(PlanCodingError) {
    guard json.members != nil else { throw PlanCodingError("\(subject) is not an object") }
    self.json = json
    self.subject = subject
  }

  func optional(_ key: String) -> JSON? { json[key] }

  func value(_ key: String) throws(PlanCodingError) -> JSON {
    guard let value = json[key] else { throw PlanCodingError("\(subject): \(key) is missing") }
    return value
  }

  func text(_ key: String) throws(PlanCodingError) -> String {
    guard let text = json[key]?.string else { throw PlanCodingError("\(subject): \(key) is not a text") }
    return text
  }

  func optionalText(_ key: String) -> String? { json[key]?.string }

  func number(_ key: String) -> Int64? { json[key]?.int }

  func flag(_ key: String) -> Bool { json[key]?.bool ?? false }

  func list(_ key: String) -> [JSON] { json[key]?.array ?? [] }

  func texts(_ key: String) -> [String] { list(key).compactMap(\.string) }

  func word<Word: RawRepresentable<String>>(_ key: String, _: Word.Type) throws(PlanCodingError) -> Word {
    guard let word = Word(rawValue: try text(key)) else { throw PlanCodingError("\(subject): \(key) is unknown") }
    return word
  }

  func optionalWord<Word: RawRepresentable<String>>(
    _ key: String, _: Word.Type
  ) throws(PlanCodingError) -> Word? {
    json[key] == nil ? nil : try word(key, Word.self)
  }
}

/// `map` and `map` of an optional that throw what the closure throws.
func mapEach<Input, Output>(
  _ inputs: [Input], _ transform: (Input) throws(PlanCodingError) -> Output
) throws(PlanCodingError) -> [Output] {
  var outputs: [Output] = []
  outputs.reserveCapacity(inputs.count)
  for input in inputs { outputs.append(try transform(input)) }
  return outputs
}

func mapSome<Input, Output>(
  _ input: Input?, _ transform: (Input) throws(PlanCodingError) -> Output
) throws(PlanCodingError) -> Output? {
  guard let input else { return nil }
  return try transform(input)
}
