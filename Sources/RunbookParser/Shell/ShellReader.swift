/// Takes a script apart into simple commands, as a POSIX shell or bash would.
///
/// It is made for warnings: it knows quotes, expansions, substitutions, redirections and here-documents, passes over the
/// words of control flow, and never fails. Linear in the script, without recursion.
struct ShellReader {
  private let bytes: [UInt8]
  private var commands: [ShellCommand] = []
  /// Pieces that are scripts themselves: the whole, then what stands in `$(…)`, backquotes and `<(…)`.
  private var open: [(range: Range<Int>, isCaptured: Bool, depth: Int)]
  /// How deep substitutions are looked into: each level is read once more.
  private static let depthLimit = 16
  private var depth = 0

  private var command = ShellCommand()
  private var word: Word?
  private var isCaptured = false
  /// What the word that comes next is to the command.
  private var expects = Role.word
  /// Here-documents whose lines begin after this one.
  private var documents: [Document] = []

  private struct Word {
    var text: [UInt8] = []
    var start: Int
    var isLiteral = true
    var isQuoted = false
    var variables: [String] = []
  }

  private enum Role {
    case word
    /// The file that standard output, or another descriptor, goes to.
    case output(descriptor: Int)
    case input
    case hereString
    case hereDocument(stripsTabs: Bool)
  }

  private struct Document {
    var end: [UInt8]
    var stripsTabs: Bool
    var expands: Bool
    var command: Int
  }

  private init(_ script: String) {
    bytes = Array(script.utf8)
    open = [(0..<bytes.count, false, 0)]
  }

  /// The commands of a script, those of a substitution after the one that it stands in.
  static func commands(of script: String) -> [ShellCommand] {
    var reader = ShellReader(script)
    while let (range, isCaptured, depth) = reader.open.popLast() {
      reader.isCaptured = isCaptured
      reader.depth = depth
      reader.read(range)
    }
    return reader.commands
  }

  private mutating func look(into range: Range<Int>) {
    if depth < Self.depthLimit { open.append((range, true, depth + 1)) }
  }

  // MARK: Commands

  private mutating func read(_ range: Range<Int>) {
    var index = range.lowerBound
    while index < range.upperBound {
      let byte = bytes[index]
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"):
        endWord(at: index)
        index += 1
      case UInt8(ascii: "\n"):
        endCommand(at: index)
        index = skipDocuments(from: index + 1, to: range.upperBound)
      case UInt8(ascii: "#") where word == nil:
        while index < range.upperBound, bytes[index] != UInt8(ascii: "\n") { index += 1 }
      case UInt8(ascii: "|"):
        let isPipe = next(index, range) != byte
        endCommand(at: index, intoPipe: isPipe)
        index += isPipe && next(index, range) != UInt8(ascii: "&") ? 1 : 2
      case UInt8(ascii: "&") where next(index, range) == UInt8(ascii: ">"):
        endWord(at: index)
        expects = .output(descriptor: 1)
        index += 2
        if index < range.upperBound, bytes[index] == UInt8(ascii: ">") { index += 1 }
      case UInt8(ascii: ";"), UInt8(ascii: "&"), UInt8(ascii: ")"):
        endCommand(at: index)
        index += 1
      case UInt8(ascii: "("):
        index = parenthesis(at: index, range)
      case UInt8(ascii: "<"), UInt8(ascii: ">"):
        index = redirection(at: index, range)
      default: index = wordPart(at: index, range)
      }
    }
    endCommand(at: range.upperBound)
    documents = []
  }

  private func next(_ index: Int, _ range: Range<Int>) -> UInt8? {
    index + 1 < range.upperBound ? bytes[index + 1] : nil
  }

  private mutating func parenthesis(at index: Int, _ range: Range<Int>) -> Int {
    if let name = word, name.text.last == UInt8(ascii: "=") {
      // An array: its elements are values, not commands.
      let end = closing(from: index + 1, range.upperBound)
      addVariables(in: index + 1..<end)
      return min(end + 1, range.upperBound)
    }
    endWord(at: index)
    if command.words.count == 1, next(index, range) == UInt8(ascii: ")") { command.isDefinition = true }
    endCommand(at: index)
    return index + 1
  }

  private mutating func endCommand(at index: Int, intoPipe: Bool = false) {
    endWord(at: index)
    expects = .word
    if intoPipe || isCaptured { command.isShown = false }
    if !command.words.isEmpty || !command.assignments.isEmpty { commands.append(command) }
    command = ShellCommand()
  }

  /// Words after which a command begins anew.
  private static let openers: Set<String> = ["if", "then", "else", "elif", "while", "until", "do", "!", "{", "time"]
  /// Words whose line names no program.
  private static let closers: Set<String> = ["for", "case", "select", "function", "in", "fi", "done", "esac", "}"]

  private mutating func endWord(at index: Int) {
    guard let word else { return }
    self.word = nil
    let text = String(decoding: word.text, as: UTF8.self)
    switch expects {
    case .output(let descriptor):
      let shown = ["&1", "&2", "/dev/stderr", "/dev/stdout", "/dev/tty"].contains(text)
      if descriptor == 1, !shown { command.isShown = false }
    case .input: break
    case .hereString: command.inputVariables += word.variables
    case .hereDocument(let stripsTabs):
      documents.append(
        Document(end: word.text, stripsTabs: stripsTabs, expands: !word.isQuoted, command: commands.count))
    case .word:
      if command.words.isEmpty {
        if !word.isQuoted, Self.openers.contains(text) { return }
        if let name = Self.assigned(text) {
          command.assignments.append(ShellCommand.Assignment(name: name, variables: word.variables))
          return
        }
      }
      if let first = command.words.first, first.text.isEmpty, first.range == nil { return }
      if command.words.isEmpty, !word.isQuoted, Self.closers.contains(text) {
        // What follows on this line is no program and its arguments.
        command.words = [ShellWord(text: "", isLiteral: false)]
        return
      }
      command.words.append(
        ShellWord(text: text, range: word.start..<index, isLiteral: word.isLiteral, variables: word.variables))
    }
    expects = .word
  }

  /// The name that a word like `NAME=value` sets.
  static func assigned(_ text: String) -> String? {
    let bytes = Array(text.utf8)
    var end = 0
    while end < bytes.count, isNameByte(bytes[end], isFirst: end == 0) { end += 1 }
    guard end > 0, end < bytes.count else { return nil }
    let sign = bytes[end] == UInt8(ascii: "+") && end + 1 < bytes.count ? bytes[end + 1] : bytes[end]
    return sign == UInt8(ascii: "=") ? String(decoding: bytes[..<end], as: UTF8.self) : nil
  }

  private static func isNameByte(_ byte: UInt8, isFirst: Bool) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): !isFirst
    default: false
    }
  }
}

// MARK: Redirections

extension ShellReader {
  private mutating func redirection(at start: Int, _ range: Range<Int>) -> Int {
    var index = start
    if next(index, range) == UInt8(ascii: "(") {
      let end = closing(from: index + 2, range.upperBound)
      look(into: index + 2..<end)
      begin(at: index)
      word?.isLiteral = false
      return min(end + 1, range.upperBound)
    }
    var descriptor = bytes[index] == UInt8(ascii: ">") ? 1 : 0
    if let number = word, !number.isQuoted, number.isLiteral,
      let said = Int(String(decoding: number.text, as: UTF8.self))
    {
      descriptor = said
      word = nil
    } else {
      endWord(at: index)
    }
    if bytes[index] == UInt8(ascii: ">") {
      expects = .output(descriptor: descriptor)
      index += 1
      while index < range.upperBound, bytes[index] == UInt8(ascii: ">") || bytes[index] == UInt8(ascii: "|") {
        index += 1
      }
      if index < range.upperBound, bytes[index] == UInt8(ascii: "&") {
        begin(at: index)
        word?.text.append(bytes[index])
        index += 1
      }
      return index
    }
    var count = 0
    while index < range.upperBound, bytes[index] == UInt8(ascii: "<"), count < 3 {
      count += 1
      index += 1
    }
    switch count {
    case 3: expects = .hereString
    case 2:
      let stripsTabs = index < range.upperBound && bytes[index] == UInt8(ascii: "-")
      if stripsTabs { index += 1 }
      expects = .hereDocument(stripsTabs: stripsTabs)
    default:
      expects = .input
      if index < range.upperBound, bytes[index] == UInt8(ascii: "&") { index += 1 }
    }
    return index
  }

  /// Passes over the lines of here-documents, and notes the variables in them.
  private mutating func skipDocuments(from start: Int, to end: Int) -> Int {
    var index = start
    for document in documents {
      while index < end {
        var lineEnd = index
        while lineEnd < end, bytes[lineEnd] != UInt8(ascii: "\n") { lineEnd += 1 }
        var line = bytes[index..<lineEnd]
        if document.stripsTabs { line = line.drop { $0 == UInt8(ascii: "\t") } }
        let isEnd = line.elementsEqual(document.end)
        if !isEnd, document.expands, commands.indices.contains(document.command) {
          commands[document.command].inputVariables += variables(in: index..<lineEnd)
        }
        index = min(lineEnd + 1, end)
        if isEnd { break }
      }
    }
    documents = []
    return index
  }
}

// MARK: Words

extension ShellReader {
  private mutating func begin(at index: Int) {
    if word == nil { word = Word(start: index) }
  }

  /// Reads one character, quoted piece or expansion of a word; gives the place after it.
  private mutating func wordPart(at start: Int, _ range: Range<Int>) -> Int {
    let byte = bytes[start]
    let end = range.upperBound
    if byte == UInt8(ascii: "\\") {
      if next(start, range) == UInt8(ascii: "\n") { return start + 2 }
      begin(at: start)
      if start + 1 < end { word?.text.append(bytes[start + 1]) }
      return min(start + 2, end)
    }
    begin(at: start)
    switch byte {
    case UInt8(ascii: "'"):
      word?.isQuoted = true
      var index = start + 1
      while index < end, bytes[index] != UInt8(ascii: "'") { index += 1 }
      word?.text += bytes[start + 1..<min(index, end)]
      return min(index + 1, end)
    case UInt8(ascii: "\""):
      word?.isQuoted = true
      var index = start + 1
      while index < end, bytes[index] != UInt8(ascii: "\"") {
        if bytes[index] == UInt8(ascii: "\\"), index + 1 < end {
          word?.text.append(bytes[index + 1])
          index += 2
        } else if bytes[index] == UInt8(ascii: "$") || bytes[index] == UInt8(ascii: "`") {
          index = expansion(at: index, end)
        } else {
          word?.text.append(bytes[index])
          index += 1
        }
      }
      return min(index + 1, end)
    case UInt8(ascii: "$"), UInt8(ascii: "`"): return expansion(at: start, end)
    default:
      word?.text.append(byte)
      return start + 1
    }
  }

  private mutating func expansion(at start: Int, _ end: Int) -> Int {
    var stop = start + 1
    if bytes[start] == UInt8(ascii: "`") {
      while stop < end, bytes[stop] != UInt8(ascii: "`") { stop += bytes[stop] == UInt8(ascii: "\\") ? 2 : 1 }
      look(into: start + 1..<min(stop, end))
      stop += 1
    } else if stop < end, bytes[stop] == UInt8(ascii: "(") {
      let close = closing(from: stop + 1, end)
      if stop + 1 < end, bytes[stop + 1] == UInt8(ascii: "(") {
        addVariables(in: stop + 1..<close)
      } else {
        look(into: stop + 1..<close)
      }
      stop = close + 1
    } else if stop < end, bytes[stop] == UInt8(ascii: "{") {
      while stop < end, bytes[stop] != UInt8(ascii: "}") { stop += bytes[stop] == UInt8(ascii: "\\") ? 2 : 1 }
      stop += 1
      addVariables(in: start..<min(stop, end))
    } else {
      while stop < end, Self.isNameByte(bytes[stop], isFirst: stop == start + 1) { stop += 1 }
      if stop == start + 1 {
        // `$1`, `$@` and their like; a lone `$` is itself.
        guard stop < end, "0123456789@*#?$!-".utf8.contains(bytes[stop]) else {
          word?.text.append(bytes[start])
          return stop
        }
        stop += 1
      }
      addVariables(in: start..<stop)
    }
    stop = min(stop, end)
    word?.isLiteral = false
    word?.text += bytes[start..<stop]
    return stop
  }

  private mutating func addVariables(in range: Range<Int>) {
    let names = variables(in: range)
    word?.variables += names
  }

  /// The variables whose values are put in somewhere in a range: `$NAME` and `${NAME…}`, not `${#NAME}` or `${NAME:+…}`.
  private func variables(in range: Range<Int>) -> [String] {
    var names: [String] = []
    var index = range.lowerBound
    while index + 1 < range.upperBound {
      guard bytes[index] == UInt8(ascii: "$") else {
        index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
        continue
      }
      let isBraced = bytes[index + 1] == UInt8(ascii: "{")
      let start = index + (isBraced ? 2 : 1)
      var end = start
      while end < range.upperBound, Self.isNameByte(bytes[end], isFirst: end == start) { end += 1 }
      var rest = bytes[end..<range.upperBound]
      if rest.first == UInt8(ascii: ":") { rest = rest.dropFirst() }
      if end > start, !(isBraced && rest.first == UInt8(ascii: "+")) {
        names.append(String(decoding: bytes[start..<end], as: UTF8.self))
      }
      index = max(end, index + 1)
    }
    return names
  }

  /// The parenthesis that closes one before a place; the end where there is none.
  private func closing(from start: Int, _ end: Int) -> Int {
    // What is open around a place: parentheses, and double quotes in which only `$(` opens another.
    var stack: [UInt8] = [UInt8(ascii: "(")]
    var index = start
    while index < end {
      let byte = bytes[index]
      let isQuoted = stack.last == UInt8(ascii: "\"")
      switch byte {
      case UInt8(ascii: "\\"): index += 1
      case UInt8(ascii: "'") where !isQuoted:
        index += 1
        while index < end, bytes[index] != byte { index += 1 }
      case UInt8(ascii: "\""): if isQuoted { stack.removeLast() } else { stack.append(byte) }
      case UInt8(ascii: "("):
        if !isQuoted || bytes[index - 1] == UInt8(ascii: "$") { stack.append(byte) }
      case UInt8(ascii: ")") where !isQuoted:
        stack.removeLast()
        if stack.isEmpty { return index }
      default: break
      }
      index += 1
    }
    return end
  }
}
