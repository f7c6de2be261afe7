import Diagnostics
import YAMLSyntax

/// The commands of an `exec` or a `run`, as far as they can be told without running them.
struct ProgramReading {
  /// The commands in the order of the text.
  private(set) var commands: [ShellCommand] = []
  private let nodes: [YAMLNode]
  private let source: SourceText

  /// Shells whose scripts can be read.
  static let shells: Set<String> = ["sh", "bash", "dash", "ash", "ksh", "zsh"]
  /// How deep `sh -c` is looked into.
  private static let depthLimit = 3

  /// - Parameters:
  ///   - pair: The key `exec` or `run`, and its value.
  ///   - shell: What stands under `shell`.
  ///   - wanted: The programs that are looked for: an argument list of another one is not read.
  init(_ pair: YAMLPair, shell: YAMLNode?, source: SourceText, wanted: (String) -> Bool) {
    self.source = source
    if pair.key == "exec" {
      nodes = pair.value.sequence ?? []
      guard let first = nodes.first?.scalar?.text, case let name = Self.name(of: first),
        Self.wrappers[name] != nil || Self.shells.contains(name) || wanted(name)
      else { return }
      let words = nodes.enumerated().map { index, node in
        let text = node.scalar?.text ?? ""
        return ShellWord(text: text, node: index, isLiteral: node.scalar != nil && !text.contains("${{"))
      }
      commands = [ShellCommand(words: words)]
    } else {
      nodes = [pair.value]
      let name = (shell?.scalar ?? shell?.sequence?.first?.scalar)?.text.split(separator: "/").last.map(String.init)
      if Self.shells.contains(name ?? "bash"), let script = pair.value.scalar?.text {
        commands = ShellReader.commands(of: script)
      }
    }
    commands = commands.map(Self.withoutWrappers)
    lookIntoShells()
  }

  /// The place of a word in the file.
  func span(of word: ShellWord) -> ByteSpan {
    guard nodes.indices.contains(word.node) else { return .none }
    guard let range = word.range else { return nodes[word.node].span }
    return nodes[word.node].span(ofText: range, in: source)
  }

  /// The name of a program without its path.
  private static func name(of program: String) -> String {
    guard program.utf8.contains(UInt8(ascii: "/")) else { return program }
    return program.split(separator: "/").last.map(String.init) ?? ""
  }

  /// Adds the commands of scripts that are given to shells: `sh -c SCRIPT`.
  private mutating func lookIntoShells() {
    var level = commands
    for _ in 0..<Self.depthLimit {
      var found: [ShellCommand] = []
      for command in level {
        guard let name = command.name, Self.shells.contains(name),
          let option = command.words.firstIndex(where: { $0.text.hasPrefix("-") && $0.text.hasSuffix("c") }),
          command.words.indices.contains(option + 1), command.words[option + 1].isLiteral
        else { continue }
        let script = command.words[option + 1]
        found += ShellReader.commands(of: script.text).map { inner in
          var inner = Self.withoutWrappers(inner)
          inner.isShown = inner.isShown && command.isShown
          for index in inner.words.indices {
            inner.words[index].node = script.node
            // A script that is a word of a script is shown as a whole.
            if let range = script.range { inner.words[index].range = range }
          }
          return inner
        }
      }
      if found.isEmpty { return }
      commands += found
      level = found
    }
  }

  /// Programs that start the program after them, and their options that take a value.
  private static let wrappers: [String: Set<String>] = [
    "sudo": ["-u", "-g", "-h", "-p", "-C", "-T", "--user", "--group"], "doas": ["-u", "-C"],
    "env": ["-u", "-C", "-S", "--unset", "--chdir"], "timeout": ["-k", "-s", "--kill-after", "--signal"],
    "nice": ["-n", "--adjustment"], "ionice": ["-c", "-n", "-p"], "nohup": [], "setsid": [],
    "stdbuf": ["-i", "-o", "-e"], "time": [], "exec": ["-a"], "command": [], "builtin": [], "chroot": [],
    "xargs": ["-I", "-n", "-P", "-L", "-d", "-a", "-s", "-E"],
  ]

  /// The command that is started in the end: without `sudo`, `env NAME=value`, `timeout 5` and their like.
  private static func withoutWrappers(_ command: ShellCommand) -> ShellCommand {
    var command = command
    while let name = command.name, let valued = wrappers[name], command.words.count > 1 {
      var rest = command.words.dropFirst()
      while let word = rest.first, word.text.hasPrefix("-"), word.isLiteral {
        rest = rest.dropFirst(valued.contains(word.text) ? 2 : 1)
      }
      if name == "env" { rest = rest.drop { ShellReader.assigned($0.text) != nil } }
      // The duration of `timeout`, the directory of `chroot`.
      if name == "timeout" || name == "chroot" { rest = rest.dropFirst() }
      if rest.isEmpty { return command }
      command.words = Array(rest)
    }
    return command
  }
}
