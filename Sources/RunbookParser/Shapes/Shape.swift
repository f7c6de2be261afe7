/// What may stand under a key: the one description that decoding checks a file by, and schemas are written from.
indirect enum Shape: Sendable {
  /// A text of a kind.
  case scalar(ScalarShape)
  /// A program and its arguments.
  case arguments
  /// Values of one shape; where none is needed nothing at all may stand there.
  case list(Shape, atLeast: Int = 0)
  /// Names of the author's own with values of one shape.
  case names(Shape, NameShape = .name)
  /// A mapping with the keys of a kind.
  case mapping(MappingKind)
  /// A mapping of the first kind where it has the key, else of the second.
  case mappings(by: String, MappingKind, else: MappingKind)
  /// One of several, told apart by whether a text, a list or a mapping stands there.
  case either([Shape])
  /// Whatever YAML can say.
  case anything

  /// A text that is not left empty.
  static let text = Shape.scalar(.text)
  /// A text, maybe empty, in which expressions may stand.
  static let template = Shape.scalar(.template)
  /// An expression of the language of expressions.
  static let expression = Shape.scalar(.text)
  static let flag = Shape.scalar(.flag)
  static let duration = Shape.scalar(.duration(zeroToo: false))
  /// Texts, none of them empty.
  static let texts = Shape.list(.text)
  static let checks = Shape.list(.mapping(.check))
  static let environment = Shape.names(.template, .variable)

  static func integer(_ range: ClosedRange<Int>) -> Shape { .scalar(.integer(range)) }
  static func word(_ words: [String]) -> Shape { .scalar(.word(words)) }
  static func word<Word: RawRepresentable & CaseIterable>(_ type: Word.Type) -> Shape where Word.RawValue == String {
    .scalar(.word(type.allCases.map(\.rawValue)))
  }

  /// Where it stands among the kinds of YAML.
  enum Kind { case text, list, mapping }

  /// What of YAML it is written as; nil for whatever it may be.
  var kind: Kind? {
    switch self {
    case .scalar: .text
    case .arguments, .list: .list
    case .names, .mapping, .mappings: .mapping
    case .either, .anything: nil
    }
  }
}

/// What the author's own names may be.
enum NameShape: Sendable {
  /// Names of the language.
  case name
  /// Names of variables or headers.
  case variable
  /// Names of programs.
  case program
  /// Names that something else declares.
  case any
}
