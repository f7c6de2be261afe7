/// A word of a command, as far as it can be told without running it.
struct ShellWord {
  /// What it says, without its quotes; what a shell or an expression puts in stands as it is written.
  var text: String
  /// Which node of the program it stands in.
  var node = 0
  /// Its bytes in the node's text; nil where it is the whole node.
  var range: Range<Int>?
  /// Whether the text is all of it: nothing is put in.
  var isLiteral = true
  /// The variables whose values become part of it.
  var variables: [String] = []
}

/// A simple command of a script, or an argument list.
struct ShellCommand {
  /// A variable that is set, and those whose values it is set to.
  struct Assignment {
    var name: String
    var variables: [String]
  }

  /// The program and its arguments.
  var words: [ShellWord] = []
  /// Variables that it sets.
  var assignments: [Assignment] = []
  /// Variables whose values it reads on standard input, from `<<<` or a here-document.
  var inputVariables: [String] = []
  /// Whether what it prints goes to a person or the log: not into a pipe, a file or a variable.
  var isShown = true
  /// Whether it is a function's name, whose definition follows.
  var isDefinition = false

  /// The name of the program without its path; nil where only running it would tell.
  var name: String? {
    guard let first = words.first, first.isLiteral else { return nil }
    return first.text.split(separator: "/").last.map(String.init) ?? first.text
  }
}
