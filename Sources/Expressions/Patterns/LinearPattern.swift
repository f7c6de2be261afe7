/// A regular expression in the syntax of RE2 that is searched for in time linear in the text.
///
/// Left out of RE2 are scripts such as `\p{Greek}` and single bytes, `\C`; back references and looking around are no
/// part of it either. A pattern takes at most 1000 repetitions and a bounded number of states. Two are equal if their
/// sources are.
public struct LinearPattern: Sendable {
  /// The text it was made from.
  public let source: String
  private let program: PatternProgram

  /// A pattern from its text.
  public init(_ source: String) throws(PatternError) {
    var parser = PatternParser(source)
    let root = try parser.parse()
    self.source = source
    self.program = try PatternCompiler.compile(parser.nodes, root, sets: parser.sets, length: source.utf8.count)
  }

  /// Whether the pattern matches somewhere in a text.
  public func matches(in text: String) -> Bool {
    text.withBytes { bytes in
      var search = PatternSearch(program, bytes)
      return search.run(.anywhere) != nil
    }
  }

  /// Whether the pattern matches a text from its beginning to its end.
  public func matchesWhole(_ text: String) -> Bool {
    text.withBytes { bytes in
      var search = PatternSearch(program, bytes)
      return search.run(.whole) != nil
    }
  }

  /// What the first group of the leftmost match took, or the whole match where the pattern has no group; nil where
  /// there is no match, or the group took no part in it.
  public func firstMatch(in text: String) -> String? {
    text.withBytes { bytes in
      var search = PatternSearch(program, bytes)
      guard let match = search.run(.leftmost) else { return nil }
      let found = program.hasGroup ? match.group : match.whole
      return found.map { String(decoding: bytes[$0], as: UTF8.self) }
    }
  }
}

extension LinearPattern: Hashable {
  /// Whether both have the same source.
  public static func == (a: LinearPattern, b: LinearPattern) -> Bool { a.source.hasSameBytes(as: b.source) }

  /// Hashes the source.
  public func hash(into hasher: inout Hasher) { source.hashBytes(into: &hasher) }
}
