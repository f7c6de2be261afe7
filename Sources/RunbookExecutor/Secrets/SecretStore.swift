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
  func run(_ command: [String], forSecret name: String) throws(SecretError) -> SecretBuffer
  /// What a person types without echo.
  func prompt(forSecret name: String) throws(SecretError) -> SecretBytes
}

/// The secrets of a run, each read at its first use.
package final class SecretStore: Sendable {
  /// The longest value, in bytes: what is searched for takes some 600 times as much memory.
  package static let longest = 64 << 10

  private let sources: [String: SecretSource]
  private let optional: Set<String>
  private let reader: any SecretReader
  private let redactor: Redactor
  /// Those that were read; nil stands for an optional one whose source has nothing.
  private let values = Mutex<[String: SecretBytes?]>([:])

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
  package func value(of name: String) throws(SecretError) -> SecretBytes? {
    if let value = values.withLock({ $0[name] }) { return value }
    guard let source = sources[name] else { throw SecretError("there is no secret \(name)") }
    let value = try read(name, source)
    if value.count == 0, optional.contains(name) {
      values.withLock { _ = $0.updateValue(nil, forKey: name) }
      return nil
    }
    guard value.count > 0 else { throw SecretError("the secret \(name) is empty\(Self.describe(source))") }
    guard value.count >= Redactor.shortest else {
      throw SecretError(
        "the secret \(name) is shorter than \(Redactor.shortest) bytes and could not be kept out of the log")
    }
    guard value.count <= Self.longest else { throw Self.tooLong(name) }
    value.withUnsafeBytes { redactor.learn($0) }
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

  /// The value; empty where the source is not there.
  private func read(_ name: String, _ source: SecretSource) throws(SecretError) -> SecretBytes {
    switch source {
    case .env(let variable):
      var buffer = SecretBuffer()
      if let value = getenv(variable) { buffer.append(UnsafeRawBufferPointer(start: value, count: strlen(value))) }
      return buffer.finish()
    case .file(let path): return try readFile(path, name)
    case .command(let command):
      var buffer = try reader.run(command, forSecret: name)
      buffer.dropLastLineBreak()
      return buffer.finish()
    case .prompt:
      return try reader.prompt(forSecret: name)
    }
  }

  private func readFile(_ path: String, _ name: String) throws(SecretError) -> SecretBytes {
    var buffer = SecretBuffer()
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      if errno == ENOENT { return buffer.finish() }
      throw SecretError("the secret \(name) comes from \(path): \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    while true {
      let count = buffer.append(upTo: 4096) { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw SecretError("the secret \(name) comes from \(path): \(String(cString: strerror(errno)))")
      }
      if count == 0 { break }
      // Two more for a line break.
      if buffer.count > Self.longest + 2 { throw Self.tooLong(name) }
    }
    buffer.dropLastLineBreak()
    return buffer.finish()
  }

  private static func tooLong(_ name: String) -> SecretError {
    SecretError("the secret \(name) is longer than \(longest >> 10) KiB and would be too costly to keep out of the log")
  }
}
