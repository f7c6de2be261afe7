/// What `strace -f -yy` wrote of a program and of all that came of it: who started what, and who connected where.
struct SystemCallTrace {
  /// A program that was really started: an `execve` that succeeded. What was not there to be started is none.
  struct Command {
    /// The file.
    var path: String
    var words: [String]

    /// Its name without the folder.
    var name: String { words.first?.split(separator: "/").last.map(String.init) ?? "" }
  }

  /// An address that a connection to was asked for, whatever came of it.
  struct Connection: Hashable {
    /// As strace names the protocol: `TCP`, `UDP`, `UNIX-STREAM`; with a `v6` at its end over IPv6.
    var transport: String
    /// `127.0.0.1:80`, `[::1]:80`, or a path.
    var address: String
  }

  /// A program that the traced one started itself, with all that came of it.
  struct Start {
    var command: Command
    /// What it became, or started in its turn.
    var below: [Command] = []
  }

  private enum Call {
    case start(Command)
    case connection(Connection)
  }

  /// What the traced program connected to itself. A process of its that never became another program is still itself.
  private(set) var connections: [Connection] = []
  /// What it started itself.
  private(set) var starts: [Start] = []
  /// What the traced program itself became.
  private(set) var became: [Command] = []
  /// Lines that could not be read.
  private(set) var unread: [String] = []
  /// The processes in the order in which they were seen, each with what it became.
  private(set) var becoming: [(process: Int, command: Command)] = []

  private var calls: [(process: Int, call: Call)] = []
  private var threads: [Int: Int] = [:]
  private var parents: [Int: Int] = [:]

  /// Reads what was written with `-s` so large that no text is cut.
  init(_ text: String) {
    var pending: [Int: Substring] = [:]
    var root: Int?
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2, let number = Int(parts[0]) else {
        unread.append(String(line))
        continue
      }
      root = root ?? number
      var call = parts[1].drop { $0 == " " }
      if call.hasPrefix("+++") || call.hasPrefix("---") { continue }
      // A process that was gone before it could be told what it was about to do has done nothing.
      if call == "???( <detached ...>" { continue }
      if call.hasPrefix("<... "), let end = call.firstIndex(of: ">") {
        call = (pending.removeValue(forKey: number) ?? "") + call[call.index(after: end)...]
      }
      if let end = [" <unfinished ...>", " <detached ...>"].first(where: call.hasSuffix) {
        pending[number] = call.dropLast(end.count)
      } else {
        read(call, of: number)
      }
    }
    // Who was killed before the call came back made it all the same.
    for (number, call) in pending.sorted(by: { $0.key < $1.key }) { read(call + " = ?", of: number) }
    if let root { arrange(under: root) }
  }

  /// The process that a thread belongs to.
  private func process(_ number: Int) -> Int { threads[number].map(process) ?? number }

  /// Whether a process is another one, or came of it.
  func isProcess(_ number: Int, below other: Int) -> Bool {
    let process = process(number)
    return process == other || parents[process].map { isProcess($0, below: other) } ?? false
  }

  // MARK: Lines

  private mutating func read(_ call: Substring, of number: Int) {
    guard let open = call.firstIndex(of: "("), let equals = call.ranges(of: " = ").last else {
      return unread.append(String(call))
    }
    let result = call[equals.upperBound...]
    var scanner = QuotedTextScanner(call[call.index(after: open)...])
    switch call[..<open] {
    case "execve", "execveat":
      guard result.hasPrefix("0") else { return }
      guard let path = scanner.text(), let words = scanner.list() else { return unread.append(String(call)) }
      calls.append((number, .start(Command(path: path, words: words))))
    case "connect":
      guard let connection = Self.connection(call[open...]) else { return unread.append(String(call)) }
      calls.append((number, .connection(connection)))
    case "clone", "clone3", "fork", "vfork":
      guard let child = Int(result.prefix { $0.isNumber }) else { return }
      if call.contains("CLONE_THREAD") { threads[child] = number } else { parents[child] = number }
    default: unread.append(String(call))
    }
  }

  private static func connection(_ arguments: Substring) -> Connection? {
    guard let less = arguments.firstIndex(of: "<") else { return nil }
    let transport = String(arguments[arguments.index(after: less)...].prefix { $0 != ":" && $0 != ">" })
    func value(_ start: String, _ end: Character) -> Substring? {
      arguments.firstRange(of: start).map { arguments[$0.upperBound...].prefix { $0 != end } }
    }
    if let port = value("sin_port=htons(", ")"), let host = value("inet_addr(\"", "\"") {
      return Connection(transport: transport, address: "\(host):\(port)")
    }
    if let port = value("sin6_port=htons(", ")"), let host = value("inet_pton(AF_INET6, \"", "\"") {
      return Connection(transport: transport, address: "[\(host)]:\(port)")
    }
    if let path = value("sun_path=\"", "\"") ?? value("sun_path=@\"", "\"") {
      return Connection(transport: transport, address: String(path))
    }
    // Undoes the connection of a datagram socket, and reaches nobody.
    if arguments.contains("sa_family=AF_UNSPEC") { return Connection(transport: transport, address: "") }
    return nil
  }

  // MARK: Who did it

  private mutating func arrange(under root: Int) {
    var places: [Int: Int] = [:]
    var hasBegun = false
    func place(_ process: Int) -> Int? {
      if process == root { return nil }
      return places[process] ?? parents[process].flatMap { place(self.process($0)) }
    }
    for (number, call) in calls {
      let process = process(number)
      switch call {
      case .start(let command):
        becoming.append((process, command))
        if process == root {
          // The first one is the traced program.
          if hasBegun { became.append(command) }
          hasBegun = true
        } else if let place = place(process) {
          starts[place].below.append(command)
        } else {
          places[process] = starts.count
          starts.append(Start(command: command))
        }
      case .connection(let connection):
        // Any other one was made below what the traced program started.
        if place(process) == nil { connections.append(connection) }
      }
    }
  }
}

/// Reads texts as strace quotes them, as C does.
struct QuotedTextScanner {
  private var rest: Substring

  init(_ text: Substring) { rest = text }

  /// The next text; nil where none stands next, or it is cut.
  mutating func text() -> String? {
    guard let start = rest.firstIndex(of: "\""), rest[..<start].allSatisfy({ !"]}".contains($0) }) else { return nil }
    rest = rest[rest.index(after: start)...]
    var bytes: [UInt8] = []
    while let next = rest.popFirst() {
      if next == "\"" { return rest.hasPrefix("...") ? nil : String(decoding: bytes, as: UTF8.self) }
      guard next == "\\", let escaped = rest.popFirst() else {
        bytes += Array(String(next).utf8)
        continue
      }
      switch escaped {
      case "n": bytes.append(10)
      case "t": bytes.append(9)
      case "r": bytes.append(13)
      case "v": bytes.append(11)
      case "f": bytes.append(12)
      case "0"..."7":
        var digits = String(escaped)
        while digits.count < 3, let digit = rest.first, ("0"..."7").contains(digit) {
          digits.append(rest.removeFirst())
        }
        bytes.append(UInt8(truncatingIfNeeded: Int(digits, radix: 8) ?? 0))
      default: bytes += Array(String(escaped).utf8)
      }
    }
    return nil
  }

  /// The texts of the list that comes next; nil where one is cut.
  mutating func list() -> [String]? {
    guard let start = rest.firstIndex(of: "[") else { return nil }
    rest = rest[rest.index(after: start)...]
    var texts: [String] = []
    while rest.first != "]" {
      guard let text = text() else { return nil }
      texts.append(text)
    }
    return texts
  }
}
