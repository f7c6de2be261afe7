/// Commands of which it is known, apart from what any plan says, that they only look.
///
/// A plan that calls a change an observation agrees with what is started: this is what it does not agree with. What a script does
/// by itself, without a program, is not seen.
enum ObservingCommand {
  /// Programs that only read, whatever their arguments are.
  private static let readers: Set = [
    "awk", "cat", "df", "grep", "head", "nproc", "pg_isready", "readlink", "sha256sum", "sort", "tail", "test",
  ]

  /// Whether it is known of a command that it only looks.
  static func knows(_ words: [String]) -> Bool {
    guard let name = words.first?.split(separator: "/").last.map(String.init) else { return false }
    let arguments = Array(words.dropFirst())
    if arguments == ["--version"] || readers.contains(name) { return true }
    switch name {
    // What they start is seen itself.
    case "bash", "sh": return true
    case "env" where arguments.first == "-u": return knows(Array(arguments.dropFirst(2)))
    case "timeout": return knows(Array(arguments.drop { $0.first?.isNumber != true }.dropFirst()))
    case "find":
      return !arguments.contains { ["-delete", "-exec", "-execdir", "-ok", "-okdir", "-fprint"].contains($0) }
    case "date": return !arguments.contains { $0 == "-s" || $0.hasPrefix("--set") }
    case "openssl": return ["s_client", "version", "x509"].contains(arguments.first)
    case "systemctl": return arguments.first == "is-active"
    case "timedatectl": return arguments.first == "show"
    case "chronyc": return arguments == ["-c", "tracking"]
    case "pg_restore": return arguments.first == "--list"
    case "curl": return asks(withCurl: arguments)
    case "psql": return asks(withPSQL: arguments)
    case "redis-cli": return asks(withRedis: arguments)
    case "kubectl": return asks(withKubectl: arguments)
    default: return false
    }
  }

  private static func asks(withCurl arguments: [String]) -> Bool {
    let changing = ["-d", "-F", "-T", "-X"]
    let long = ["--data", "--form", "--json", "--request", "--upload-file"]
    let writes = zip(arguments, arguments.dropFirst()).contains {
      ["-o", "--output"].contains($0) && $1 != "/dev/null"
    }
    return !writes
      && !arguments.contains { argument in
        changing.contains { argument.hasPrefix($0) } || long.contains { argument.hasPrefix($0) }
      }
  }

  private static func asks(withPSQL arguments: [String]) -> Bool {
    zip(arguments, arguments.dropFirst()).allSatisfy { $0 != "-c" || asks(inSQL: $1) }
  }

  /// Whether all of a text of SQL, with psql's own commands in it, only asks.
  static func asks(inSQL text: String) -> Bool {
    // A dry run asks this of a standby, which refuses it. Anywhere else it commits a record that nobody reads.
    if text == "select 'written' from pg_logical_emit_message(true, 'belay', 'a write')" { return true }
    // Without what is quoted.
    let parts = text.lowercased().split(separator: "'", omittingEmptySubsequences: false)
    let code = parts.indices.filter { $0.isMultiple(of: 2) }.map { parts[$0] }.joined(separator: "''")
    let changing = [
      "delete from", "insert into", "merge into", "pg_cancel_backend", "pg_logical_emit_message", "pg_promote",
      "pg_reload_conf", "pg_stat_reset", "pg_terminate_backend", "pg_wal_replay", "update ",
    ]
    let statements = code.split(separator: ";").map { $0.drop { $0.isWhitespace } }.filter { !$0.isEmpty }
    return !changing.contains { code.contains($0) }
      && statements.allSatisfy { statement in
        ["select ", "select\n", "show ", "with ", "\\"].contains { statement.hasPrefix($0) }
      }
  }

  private static func asks(withRedis arguments: [String]) -> Bool {
    let text = " " + arguments.joined(separator: " ").lowercased() + " "
    return [" info ", " ping ", " config get ", " memory "].contains { text.contains($0) }
      && ![" set ", " flush", " del ", " eval "].contains { text.contains($0) }
  }

  private static func asks(withKubectl arguments: [String]) -> Bool {
    var words: [String] = []
    var rest = arguments[...]
    while let word = rest.popFirst(), word != "--" {
      if ["--context", "--namespace", "--request-timeout", "--container"].contains(word) {
        rest = rest.dropFirst()
      } else if !word.hasPrefix("-") {
        words.append(word)
      }
    }
    switch words.first {
    case "describe", "get", "logs", "version": return true
    case "exec": return knows(Array(rest))
    case "rollout" where ["history", "status"].contains(words.dropFirst().first): return true
    default: return arguments.contains("--dry-run=server") || arguments.contains("--dry-run=client")
    }
  }
}
