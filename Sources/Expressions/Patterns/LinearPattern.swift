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

  /// What the matches took, from left to right and apart from each other, as many as the limit allows.
  func matches(of text: String, limit: Int) -> [String] {
    text.withBytes { bytes in
      var search = PatternSearch(program, bytes)
      var found: [String] = []
      var place = 0
      var lastEnd = -1
      while found.count < limit, let range = search.run(.leftmost, from: place)?.whole {
        // Where a match ends, none of nothing begins.
        if !range.isEmpty || range.lowerBound != lastEnd {
          found.append(String(decoding: bytes[range], as: UTF8.self))
        }
        lastEnd = range.upperBound
        place = range.upperBound
        guard range.isEmpty else { continue }
        guard place < bytes.count else { break }
        repeat { place += 1 } while place < bytes.count && bytes[place] & 0xC0 == 0x80
      }
      return found
    }
  }
}

extension LinearPattern: Hashable {
  /// Whether both have the same source.
  public static func == (a: LinearPattern, b: LinearPattern) -> Bool { a.source.hasSameBytes(as: b.source) }

  /// Hashes the source.
  public func hash(into hasher: inout Hasher) { source.hashBytes(into: &hasher) }
}
