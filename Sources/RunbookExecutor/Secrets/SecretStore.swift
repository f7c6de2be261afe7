import Glibc
import RunbookParser
import Synchronization

/// Why a secret's value could not be had.
package struct SecretError: Error, Sendable, CustomStringConvertible {
  /// What is wrong and what to do.
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// Reads a secret from where the store itself cannot: a program's output, or a person.
package protocol SecretReader: Sendable {
  /// What a program prints.
  func run(_ command: [String], forSecret name: String) throws(SecretError) -> [UInt8]
  /// What a person types without echo.
  func prompt(forSecret name: String) throws(SecretError) -> [UInt8]
}

/// The secrets of a run, each read at its first use.
package final class SecretStore: Sendable {
  private let sources: [String: SecretSource]
  private let optional: Set<String>
  private let reader: any SecretReader
  private let redactor: Redactor
  /// Those that were read; nil stands for an optional one whose source has nothing.
  private let values = Mutex<[String: [UInt8]?]>([:])

  package init(_ plan: RunPlan, reader: any SecretReader, redactor: Redactor) {
    var sources: [String: SecretSource] = [:]
    for input in plan.inputs {
      if case .secret(let source) = input.content { sources[input.name] = source }
    }
    self.sources = sources
    self.optional = Set(plan.inputs.filter(\.isOptional).map(\.name))
    self.reader = reader
    self.redactor = redactor
  }

  /// The variables of the engine's environment that secrets come from; children do not inherit them.
  package var environmentVariables: Set<String> {
    Set(sources.values.compactMap { if case .env(let name) = $0 { name } else { nil } })
  }

  /// The names of the secrets that a person must type.
  package var prompted: [String] {
    sources.filter { $0.value == .prompt }.keys.sorted()
  }

  /// Whether a secret has been read, so that its value is there at once.
  package func isKnown(_ name: String) -> Bool { values.withLock { $0[name] != nil } }

  /// The value of a secret, from then on redacted; nil for an optional one whose source has nothing.
  package func value(of name: String) throws(SecretError) -> [UInt8]? {
    if let value = values.withLock({ $0[name] }) { return value }
    guard let source = sources[name] else { throw SecretError("there is no secret \(name)") }
    let value = try read(name, source) ?? []
    if value.isEmpty, optional.contains(name) {
      values.withLock { _ = $0.updateValue(nil, forKey: name) }
      return nil
    }
    guard !value.isEmpty else { throw SecretError("the secret \(name) is empty\(Self.describe(source))") }
    guard value.count >= Redactor.shortest else {
      throw SecretError(
        "the secret \(name) is shorter than \(Redactor.shortest) bytes and could not be kept out of the log")
    }
    redactor.learn(value)
    values.withLock { $0[name] = value }
    return value
  }

  /// Where an empty secret should have come from.
  private static func describe(_ source: SecretSource) -> String {
    switch source {
    case .env(let variable): ": the variable \(variable) is not set, or empty"
    case .file(let path): ": the file \(path) is not there, or empty"
    case .command(let command): ": \(command.first ?? "its program") printed nothing"
    case .prompt: ": nothing was typed"
    }
  }

  /// The value; nil where the source is not there.
  private func read(_ name: String, _ source: SecretSource) throws(SecretError) -> [UInt8]? {
    switch source {
    case .env(let variable):
      return getenv(variable).map { Array(String(cString: $0).utf8) }
    case .file(let path):
      return try readFile(path, name).map(Self.withoutLastLineBreak)
    case .command(let command):
      return Self.withoutLastLineBreak(try reader.run(command, forSecret: name))
    case .prompt:
      return try reader.prompt(forSecret: name)
    }
  }

  private func readFile(_ path: String, _ name: String) throws(SecretError) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return nil }
      throw SecretError("the secret \(name) comes from \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var content: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw SecretError("the secret \(name) comes from \(path): \(String(cString: strerror(errno)))")
      }
      if count == 0 { return content }
      content += buffer[..<count]
      if content.count > 1 << 20 { throw SecretError("the secret \(name) comes from \(path), which is over 1 MiB") }
    }
  }

  private static func withoutLastLineBreak(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    return bytes
  }
}
