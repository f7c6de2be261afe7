import CanonicalJSON

/// A text of a plan, with gaps where an expression stands whose value only the run knows.
struct TextPattern: CustomStringConvertible {
  /// What stands between the gaps: one more than there are gaps.
  private(set) var pieces: [String]

  init(_ text: String) { pieces = [text] }

  /// Reads a text of a plan's JSON; nil where there is none, or it is a secret.
  init?(_ json: JSON?) {
    if let text = json?.string {
      pieces = [text]
      return
    }
    guard let template = json?["template"]?.string else { return nil }
    pieces = [""]
    var rest = template[...]
    while let start = rest.firstRange(of: "${{") {
      add(String(rest[..<start.lowerBound]))
      rest = rest[start.upperBound...]
      guard let end = rest.firstRange(of: "}}") else { return nil }
      pieces.append("")
      rest = rest[end.upperBound...]
    }
    add(String(rest))
  }

  private mutating func add(_ text: String) { pieces[pieces.count - 1] += text }

  /// The same with a text before it.
  func after(_ text: String) -> TextPattern {
    var pattern = self
    pattern.pieces[0] = text + pattern.pieces[0]
    return pattern
  }

  var description: String { pieces.joined(separator: "…") }

  /// The text, where nothing of it is left open.
  var whole: String? { pieces.count == 1 ? pieces[0] : nil }

  /// Whether a text may be this one.
  func matches(_ text: String) -> Bool {
    guard pieces.count > 1, let first = pieces.first, let last = pieces.last else { return text == pieces[0] }
    guard text.hasPrefix(first) else { return false }
    var rest = text.dropFirst(first.count)
    for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
      guard let range = rest.firstRange(of: piece) else { return false }
      rest = rest[range.upperBound...]
    }
    return rest.hasSuffix(last)
  }
}

/// A command of a plan: a program with its arguments, and where it is started.
struct CommandPattern: CustomStringConvertible {
  private enum Word {
    case one(TextPattern)
    /// A list that only the run knows.
    case any
  }

  private let words: [Word]
  /// The texts of a place in a pod, as the arguments of `kubectl exec` that lead there.
  let place: [TextPattern]?
  /// What it reads from standard input; nil where that is nothing, or a secret.
  let input: TextPattern?

  /// Reads a program of a plan's JSON; nil where it is none that can be told here.
  init?(_ program: JSON) {
    if let script = program["run"]?.string, let shell = program["shell"]?.array {
      words = (shell.compactMap(\.string) + [script]).map { .one(TextPattern($0)) }
    } else if let arguments = program["exec"]?.array {
      var words: [Word] = []
      for argument in arguments {
        if argument["splice"] != nil {
          words.append(.any)
        } else if let text = TextPattern(argument) {
          words.append(.one(text))
        } else {
          return nil
        }
      }
      self.words = words
    } else {
      return nil
    }
    input = TextPattern(program["input"])
    if let on = program["on"] {
      guard let pod = TextPattern(on["pod"]) else { return nil }
      place =
        ["context", "namespace", "container"].compactMap { key in
          TextPattern(on[key]).map { $0.after("--\(key)=") }
        } + [pod]
    } else {
      place = nil
    }
    // A plan that leaves open which program is started says nothing.
    guard case .one(let name)? = words.first, name.whole != nil else { return nil }
  }

  /// A command of which nothing is left open, and which is started here.
  init(_ words: [String]) {
    self.words = words.map { .one(TextPattern($0)) }
    place = nil
    input = nil
  }

  var description: String {
    let place = place.map { " on " + $0.map(\.description).joined(separator: " ") } ?? ""
    return words.map { if case .one(let text) = $0 { text.description } else { "[…]" } }.joined(separator: " ") + place
  }

  /// Whether the plan names a program in it, be it in the text of a script or among the arguments: this is what the command may
  /// start in its turn.
  func names(_ program: String) -> Bool {
    words.contains { word in
      guard case .one(let text) = word else { return false }
      return text.pieces.contains { piece in
        piece.split { !($0.isLetter || $0.isNumber || "_.+-".contains($0)) }.contains { $0 == program }
      }
    }
  }

  /// Whether a command that was started may be this one.
  func matches(_ command: [String], on place: [String]?) -> Bool {
    switch (self.place, place) {
    case (nil, nil): break
    case (let wanted?, let place?):
      guard wanted.count == place.count, zip(wanted, place).allSatisfy({ $0.matches($1) }) else { return false }
    default: return false
    }
    return Self.matches(words[...], command[...])
  }

  private static func matches(_ words: ArraySlice<Word>, _ command: ArraySlice<String>) -> Bool {
    guard let word = words.first else { return command.isEmpty }
    switch word {
    case .one(let text):
      guard let first = command.first, text.matches(first) else { return false }
      return matches(words.dropFirst(), command.dropFirst())
    case .any:
      return (0...command.count).contains { matches(words.dropFirst(), command.dropFirst($0)) }
    }
  }
}
