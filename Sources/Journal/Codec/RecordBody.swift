import CanonicalJSON
import RunEngine

/// The parts of a record that say what happened; the journal adds the rest.
package struct RecordBody: Sendable, Hashable {
  /// The kind of event.
  package var type: String
  /// The address of the step or precondition, if it concerns one.
  package var step: String?
  /// The attempt, if there can be several.
  package var attempt: Int64?
  /// Who did it, if a person did.
  package var actor: String?
  /// Everything else.
  package var data: JSON

  package init(type: String, step: String? = nil, attempt: Int64? = nil, actor: String? = nil, data: JSON = .object([]))
  {
    self.type = type
    self.step = step
    self.attempt = attempt
    self.actor = actor
    self.data = data
  }
}

/// A record that this version cannot read.
package struct CodecError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong with it.
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// Gives the beginning of a stored output, at most 1 MiB of it; nil where the store has lost it.
package typealias OutputLoader = (_ sha256: String) throws -> [UInt8]?

extension JSON {
  /// An object from members, without those that have no value.
  static func members(_ members: (String, JSON?)...) -> JSON {
    .object(members.compactMap { key, value in value.map { Member(key, $0) } })
  }

  /// A text, or nothing.
  static func text(_ text: String?) -> JSON? { text.map { .string($0) } }

  /// The text at a key.
  func requireString(_ key: String) throws(CodecError) -> String {
    guard let value = self[key]?.string else { throw CodecError("\(key) is missing or not a text") }
    return value
  }

  /// The integer at a key.
  func requireInt(_ key: String) throws(CodecError) -> Int64 {
    guard let value = self[key]?.int else { throw CodecError("\(key) is missing or not an integer") }
    return value
  }

  /// The value at a key.
  func require(_ key: String) throws(CodecError) -> JSON {
    guard let value = self[key] else { throw CodecError("\(key) is missing") }
    return value
  }

  /// One of the cases of an enum, at a key.
  func requireCase<Case: RawRepresentable<String>>(_ key: String, _: Case.Type) throws(CodecError) -> Case {
    guard let value = Case(rawValue: try requireString(key)) else { throw CodecError("\(key) has an unknown value") }
    return value
  }

  /// The name of an effect, at a key.
  func requireID(_ key: String) throws(CodecError) -> EffectID {
    guard let id = EffectID(try requireString(key)) else { throw CodecError("\(key) is not the name of an effect") }
    return id
  }
}
