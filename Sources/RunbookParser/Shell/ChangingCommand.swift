/// Finds commands that change something, by their names and their words.
enum ChangingCommand {
  /// What it is called in a message, and the word that tells; nil where nothing speaks for a change.
  ///
  /// - Parameter input: What stands on standard input, where the file says it.
  static func find(in command: ShellCommand, input: String?) -> (name: String, word: ShellWord)? {
    guard let name = command.name, let program = command.words.first else { return nil }
    let words = Array(command.words.dropFirst())
    if always.contains(name) || name.hasPrefix("mkfs") { return (name, program) }
    if let verbs = verbs[name] {
      guard let verb = verb(words, valued: valued[name] ?? []), let found = verbs[verb.text] else {
        return name == "kubectl" ? inner(words) : nil
      }
      if words.contains(where: { $0.text.hasPrefix("--dry-run") && $0.text != "--dry-run=none" }) { return nil }
      guard !found.isEmpty else { return ("\(name) \(verb.text)", verb) }
      let after = words.drop { $0.text != verb.text }.dropFirst().filter { !$0.text.hasPrefix("-") }
      guard let second = after.first, found.contains(second.text) else { return nil }
      return ("\(name) \(verb.text) \(second.text)", second)
    }
    switch name {
    case "kill":
      // Signal 0 only asks whether a process is there; -l lists the signals.
      return words.contains { ["-0", "-l", "-L"].contains($0.text) } ? nil : (name, program)
    case "service":
      guard words.count > 1, ["start", "stop", "restart", "reload"].contains(words[1].text) else { return nil }
      return ("service … \(words[1].text)", words[1])
    case "sed":
      return words.first { $0.text == "--in-place" || ($0.text.hasPrefix("-i") && !$0.text.hasPrefix("--")) }
        .map { ("sed \($0.text)", $0) }
    case "curl": return curl(words)
    case "psql", "mysql", "mariadb", "sqlite3": return statement(name, words, program, input)
    default: return nil
    }
  }

  /// Whether a program can be found at all, by its name: most cannot, and need not be looked at.
  static func knows(_ name: String) -> Bool {
    always.contains(name) || verbs[name] != nil || others.contains(name) || name.hasPrefix("mkfs")
  }

  private static let others: Set<String> = ["kill", "service", "sed", "curl", "psql", "mysql", "mariadb", "sqlite3"]
  private static let always: Set<String> = [
    "rm", "rmdir", "unlink", "shred", "mv", "dd", "truncate", "chmod", "chown", "pkill", "killall", "reboot",
    "shutdown", "halt", "poweroff", "useradd", "userdel", "usermod", "createdb", "dropdb", "createuser", "dropuser",
  ]

  /// Verbs of programs that change something; of some only with one of certain second words.
  private static let verbs: [String: [String: Set<String>]] = [
    "kubectl": [
      "delete": [], "apply": [], "patch": [], "scale": [], "create": [], "replace": [], "edit": [], "set": [],
      "label": [], "annotate": [], "drain": [], "cordon": [], "uncordon": [], "taint": [], "autoscale": [],
      "expose": [], "run": [], "cp": [], "rollout": ["restart", "undo", "pause", "resume"],
    ],
    "helm": ["install": [], "upgrade": [], "uninstall": [], "delete": [], "rollback": []],
    "systemctl": [
      "start": [], "stop": [], "restart": [], "reload": [], "try-restart": [], "reload-or-restart": [], "enable": [],
      "disable": [], "mask": [], "unmask": [], "kill": [], "isolate": [], "daemon-reload": [],
    ],
    "docker": containers, "podman": containers,
    "git": ["push": [], "commit": [], "reset": [], "merge": [], "rebase": [], "clean": []],
    "terraform": ["apply": [], "destroy": [], "import": []], "tofu": ["apply": [], "destroy": [], "import": []],
    "apt-get": packages, "apt": packages, "dnf": packages, "yum": packages,
    "redis-cli": [
      "set": [], "SET": [], "del": [], "DEL": [], "unlink": [], "UNLINK": [], "flushall": [], "FLUSHALL": [],
      "flushdb": [], "FLUSHDB": [], "expire": [], "EXPIRE": [], "config": ["set", "rewrite"],
      "CONFIG": ["SET", "REWRITE"],
    ],
  ]
  private static let containers: [String: Set<String>] = [
    "rm": [], "rmi": [], "stop": [], "start": [], "restart": [], "kill": [], "push": [],
    "compose": ["up", "down", "restart", "stop", "start", "rm"],
  ]
  private static let packages: [String: Set<String>] = [
    "install": [], "remove": [], "purge": [], "upgrade": [], "dist-upgrade": [], "autoremove": [],
  ]

  /// Options before a verb that take a value in a word of its own.
  private static let valued: [String: Set<String>] = [
    "kubectl": kubectlOptions, "helm": ["-n", "--namespace", "--kube-context", "--kubeconfig"],
    "systemctl": ["-H", "--host", "-M", "--machine", "-t", "--type", "-n"], "git": ["-C", "-c"],
    "docker": ["-H", "--host", "--context"], "redis-cli": ["-h", "-p", "-a", "-n", "-u", "--user", "--pass", "-s"],
  ]
  static let kubectlOptions: Set<String> = [
    "-n", "--namespace", "--context", "--kubeconfig", "--cluster", "--user", "-s", "--server", "--token",
    "--request-timeout", "-v", "--as", "--certificate-authority", "--client-certificate", "--client-key",
  ]

  /// The first word that is no option, nor the value of one.
  static func verb(_ words: [ShellWord], valued: Set<String>) -> ShellWord? {
    var rest = words[...]
    while let word = rest.first {
      guard word.text.hasPrefix("-") else { return word.isLiteral ? word : nil }
      rest = rest.dropFirst(valued.contains(word.text) ? 2 : 1)
    }
    return nil
  }

  /// What `kubectl exec … -- COMMAND` does inside.
  private static func inner(_ words: [ShellWord]) -> (name: String, word: ShellWord)? {
    guard verb(words, valued: kubectlOptions)?.text == "exec", let dashes = words.firstIndex(where: { $0.text == "--" })
    else { return nil }
    let inside = ShellCommand(words: Array(words[(dashes + 1)...]))
    // Another kubectl inside would go round and round.
    return inside.name == "kubectl" ? nil : find(in: inside, input: nil)
  }

  private static func curl(_ words: [ShellWord]) -> (name: String, word: ShellWord)? {
    for (index, word) in words.enumerated() {
      var method: String?
      if word.text == "-X" || word.text == "--request" {
        method = index + 1 < words.count ? words[index + 1].text : nil
      } else if word.text.hasPrefix("--request=") {
        method = String(word.text.dropFirst(10))
      } else if word.text.hasPrefix("-X") {
        method = String(word.text.dropFirst(2))
      }
      if let method, ["PUT", "PATCH", "DELETE"].contains(method) { return ("curl -X \(method)", word) }
    }
    return nil
  }

  // MARK: Databases

  private static func statement(
    _ name: String, _ words: [ShellWord], _ program: ShellWord, _ input: String?
  ) -> (name: String, word: ShellWord)? {
    for (index, word) in words.enumerated() {
      var text: String?
      if name == "sqlite3" {
        text = index > 0 ? word.text : nil
      } else if word.text.hasPrefix("--command=") || word.text.hasPrefix("--execute=") {
        text = word.text.split(separator: "=", maxSplits: 1).last.map(String.init)
      } else if isStatementOption(name, word.text) {
        text = index + 1 < words.count ? words[index + 1].text : nil
        if let text, let verb = verb(ofSQL: text) { return ("\(name) with \(verb)", words[index + 1]) }
      }
      if let text, let verb = verb(ofSQL: text) { return ("\(name) with \(verb)", word) }
    }
    if let input, let verb = verb(ofSQL: input) { return ("\(name) with \(verb)", program) }
    return nil
  }

  private static func isStatementOption(_ name: String, _ text: String) -> Bool {
    if name == "psql" {
      return text == "--command" || (text.hasPrefix("-") && !text.hasPrefix("--") && text.hasSuffix("c"))
    }
    return text == "-e" || text == "--execute"
  }

  private static let statements: Set<String> = [
    "insert", "update", "delete", "drop", "alter", "truncate", "create", "grant", "revoke", "vacuum", "reindex",
    "cluster", "merge", "refresh", "replace",
  ]
  private static let functions: [[UInt8]] = [
    "pg_promote", "pg_terminate_backend", "pg_cancel_backend", "pg_reload_conf", "pg_switch_wal",
  ].map { Array($0.utf8) }

  /// The first statement or function of some SQL that changes something.
  private static func verb(ofSQL text: String) -> String? {
    var text = text
    return text.withUTF8 { bytes in
      var index = 0
      while let word = nextWord(bytes, &index) {
        let first = lowercased(word)
        if statements.contains(first) {
          var after = index
          // A temporary table is gone with the connection.
          guard first == "create", let second = nextWord(bytes, &after), lowercased(second).hasPrefix("temp") else {
            return first.uppercased()
          }
        }
        skipStatement(bytes, &index)
      }
      return function(in: bytes)
    }
  }

  private static func lowercased(_ word: Slice<UnsafeBufferPointer<UInt8>>) -> String {
    String(decoding: word.prefix(16).map { $0 | 0x20 }, as: UTF8.self)
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A }

  /// The next word, past blanks, signs and comments; nil at the end.
  private static func nextWord(
    _ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int
  ) -> Slice<UnsafeBufferPointer<UInt8>>? {
    while index < bytes.count, !isLetter(bytes[index]) { skipPiece(bytes, &index) }
    let start = index
    while index < bytes.count, isLetter(bytes[index]) { index += 1 }
    return start < index ? bytes[start..<index] : nil
  }

  private static func skipStatement(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) {
    while index < bytes.count, bytes[index] != UInt8(ascii: ";") { skipPiece(bytes, &index) }
  }

  /// Goes past one byte, or a whole comment or quoted text.
  private static func skipPiece(_ bytes: UnsafeBufferPointer<UInt8>, _ index: inout Int) {
    let byte = bytes[index]
    let next = index + 1 < bytes.count ? bytes[index + 1] : 0
    index += 1
    if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
      while index < bytes.count, bytes[index] != byte { index += 1 }
      index += 1
    } else if byte == UInt8(ascii: "-"), next == byte {
      while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
    } else if byte == UInt8(ascii: "/"), next == UInt8(ascii: "*") {
      while index + 1 < bytes.count, bytes[index] != next || bytes[index + 1] != byte { index += 1 }
    }
    index = min(index, bytes.count)
  }

  private static func function(in bytes: UnsafeBufferPointer<UInt8>) -> String? {
    var index = 0
    while index < bytes.count {
      guard bytes[index] | 0x20 == UInt8(ascii: "p") else {
        skipPiece(bytes, &index)
        continue
      }
      let rest = bytes[index...]
      if let name = functions.first(where: { name in
        rest.count > name.count && rest[index + name.count] == UInt8(ascii: "(")
          && zip(rest, name).allSatisfy { $0 | 0x20 == $1 | 0x20 }
      }) {
        return String(decoding: name, as: UTF8.self) + "()"
      }
      index += 1
    }
    return nil
  }
}
