/// A value that stands elsewhere: whoever holds it is small, and is copied at little cost.
indirect enum Boxed<Value: Hashable & Sendable>: Hashable, Sendable {
  /// The value.
  case value(Value)

  init(_ value: Value) { self = .value(value) }

  /// The value.
  var value: Value {
    switch self {
    case .value(let value): value
    }
  }
}
