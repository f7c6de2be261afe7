import RunEngine

/// Why a program cannot be started elsewhere; nothing ran.
struct FarProblem: Error {
  /// What is wrong, for people.
  var message: String
}

/// A program that is to run elsewhere, as the local client and the message that the wrapper there gets.
struct FarProgram {
  /// The place.
  let place: ResolvedPlace
  /// What the wrapper's marks begin with: 32 hexadecimal digits that nobody can guess.
  let nonce: String
  private let words: [String]
  private let variables: [EnvironmentVariable]
  private let directory: String?
  private let input: [UInt8]?

  /// Refuses what cannot arrive as it stands.
  init(
    _ program: ResolvedProgram, on place: ResolvedPlace, variables: [EnvironmentVariable], input: [UInt8]?
  ) throws(FarProblem) {
    self.place = place
    self.words = program.arguments
    self.variables = variables
    self.directory = program.directory
    self.input = input
    var generator = SystemRandomNumberGenerator()
    let digits = Array("0123456789abcdef")
    nonce = String((0..<32).map { _ in digits[Int(generator.next(upperBound: UInt8(16)))] })
    guard let name = words.first, !name.isEmpty else { throw FarProblem(message: SpawnError.emptyCommand.message) }
    if name.hasPrefix("-") {
      throw FarProblem(message: "\"\(name)\" cannot be started elsewhere: a shell would take it for an option")
    }
    for (index, word) in words.enumerated() where word.utf8.contains(0) {
      throw FarProblem(
        message: SpawnError.containsNUL(part: index == 0 ? "the program's name" : "argument \(index)").message)
    }
    if directory?.utf8.contains(0) == true {
      throw FarProblem(message: SpawnError.containsNUL(part: "the working directory").message)
    }
    if input?.contains(0) == true {
      throw FarProblem(message: "the input contains a NUL, which cannot be given to a program elsewhere")
    }
    for variable in variables {
      if let flaw = EnvironmentBlock.flaw(of: variable) { throw FarProblem(message: flaw.message) }
      try Self.check(variable.name)
    }
  }

  /// Names that shells keep for themselves: bash(1), POSIX.
  private static let readOnly: Set<String> = [
    "BASHOPTS", "BASH_VERSINFO", "EUID", "PPID", "SHELLOPTS", "UID",
  ]

  private static func check(_ name: String) throws(FarProblem) {
    let isName = name.utf8.enumerated().allSatisfy { index, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"): index > 0
      default: false
      }
    }
    if !isName {
      throw FarProblem(
        message: "the variable \(name) cannot be given to a program elsewhere: a name there is letters, digits and _")
    }
    if readOnly.contains(name) {
      throw FarProblem(message: "the variable \(name) cannot be given to a program elsewhere: shells set it themselves")
    }
  }

  // MARK: The client

  /// The client's argument list, with the wrapper.
  func client(grace: Int64) -> [String] {
    let seconds = String((grace + 999) / 1000)
    switch place {
    case .ssh(let target):
      let wrapper = [
        "exec /bin/sh -c", FarWrapper.quoted(FarWrapper.outer), "sh", nonce, FarWrapper.quoted(FarWrapper.inner),
        seconds,
      ].joined(separator: " ")
      return [
        "ssh", "-T", "-o", "BatchMode=yes", "-o", "ServerAliveInterval=15", "-o", "ServerAliveCountMax=4", "-o",
        "RemoteCommand=none", "--", target, wrapper,
      ]
    case .pod(let pod):
      return Self.exec(pod) + ["sh", "-c", FarWrapper.outer, "sh", nonce, FarWrapper.inner, seconds]
    }
  }

  private static func exec(_ pod: ResolvedPlace.Pod) -> [String] {
    var words = ["kubectl", "exec", "--stdin", "--quiet"]
    if let context = pod.context { words.append("--context=\(context)") }
    if let namespace = pod.namespace { words.append("--namespace=\(namespace)") }
    if let container = pod.container { words.append("--container=\(container)") }
    return words + [pod.target, "--"]
  }

  /// What the wrapper gets on standard input once it is there.
  var message: [UInt8] {
    var code = ""
    for variable in variables { code += "export \(variable.name)=\(FarWrapper.quoted(variable.value))\n" }
    if let directory {
      let path = directory.hasPrefix("-") ? "./" + directory : directory
      code += "CDPATH= cd \(FarWrapper.quoted(path)) >/dev/null || { echo \"$n nowhere\" >&2; exit 126; }\n"
    }
    code += "command -v \(FarWrapper.quoted(words[0])) >/dev/null || { echo \"$n absent\" >&2; exit 127; }\n"
    code += "exec " + words.map(FarWrapper.quoted).joined(separator: " ") + (input == nil ? " </dev/null" : "") + "\n"
    return Array(code.utf8) + Array("\(nonce) code\n".utf8) + (input ?? []) + Array("\n\(nonce) end\n".utf8)
  }

  // MARK: Without a shell

  /// The client's argument list for a container that has no `sh`, and what stands on the program's input.
  ///
  /// Refused where a variable or a working directory would have to get there, or a secret: only arguments can.
  func clientWithoutShell(holdsSecrets: Bool) throws(FarProblem) -> (words: [String], input: [UInt8]) {
    guard case .pod(let pod) = place else { throw FarProblem(message: "there is no sh on \(place.description)") }
    let absent = "there is no sh in \(place.description)"
    if holdsSecrets { throw FarProblem(message: "\(absent), so that a secret cannot get there") }
    if let variable = variables.first(where: { $0.name != "BELAY_EFFECT" }) {
      throw FarProblem(message: "\(absent), so that the variable \(variable.name) cannot get there")
    }
    if directory != nil { throw FarProblem(message: "\(absent), so that `directory` cannot be entered") }
    return (Self.exec(pod) + words, input ?? [])
  }

  /// What a mark about the program itself means; nil for another mark.
  func problem(of mark: String) -> String? {
    switch mark {
    case "absent": "the program \"\(words[0])\" is not on \(place.description)"
    case "nowhere": "the working directory \(directory ?? "") cannot be entered on \(place.description)"
    case "unable": "the shell on \(place.description) cannot write texts by itself: it has no printf of its own"
    default: nil
    }
  }
}
