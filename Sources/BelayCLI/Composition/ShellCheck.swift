import CanonicalJSON
import Diagnostics
import Glibc
import Performers
import RunbookParser
import Synchronization

/// Asks the program ShellCheck about scripts, and shows its findings at their places in the runbooks.
final class ShellCheck: Sendable {
  /// How long it may take over one script, in milliseconds.
  private static let patience = 60_000
  /// The shells it knows, by the names that it has for them.
  private static let dialects = ["sh": "sh", "ash": "sh", "dash": "dash", "bash": "bash", "ksh": "ksh"]

  private let supervisor = ProcessSupervisor()
  private let environment = EnvironmentBlock(ProcessEnvironment.variables)

  /// Makes sure that the program is there.
  init() throws(CommandFault) {
    guard case .exited(0)? = try run(["--version"], input: "").status else {
      throw CommandFault(message: "shellcheck --version failed", status: .usage)
    }
  }

  deinit { supervisor.shutdown() }

  /// What it finds in a script that it can read; its remarks on style are not asked for.
  func diagnostics(of script: RunbookScript) throws(CommandFault) -> [Diagnostic] {
    let shell = script.shell.first?.split(separator: "/").last.map(String.init) ?? ""
    guard let dialect = Self.dialects[shell] else { return [] }
    let arguments = [
      "--norc", "--format=json1", "--severity=info", "--shell=\(dialect)",
      // Files that are sourced, and scripts without a first line that names their shell.
      "--exclude=SC1090,SC1091,SC2148", "-",
    ]
    let (status, output, errors) = try run(arguments, input: script.text)
    guard case .exited(let code)? = status, code == 0 || code == 1, let answer = try? JSON.parse(output),
      let comments = answer["comments"]?.array
    else {
      throw CommandFault(
        message: "shellcheck cannot look at a script of \(script.source.name): \(errors.prefix(400))", status: .fault)
    }
    let lines = LineStarts(script.text)
    return comments.compactMap { Self.diagnostic($0, script, lines) }
  }

  private static func diagnostic(_ comment: JSON, _ script: RunbookScript, _ lines: LineStarts) -> Diagnostic? {
    guard let code = comment["code"]?.int, var message = comment["message"]?.string, let line = comment["line"]?.int,
      let column = comment["column"]?.int
    else { return nil }
    if code == 2154, let name = message.split(separator: " ").first, script.variables.contains(String(name)) {
      return nil
    }
    if message.hasSuffix(".") { message.removeLast() }
    let start = lines.offset(line: line, column: column)
    let end = lines.offset(line: comment["endLine"]?.int ?? line, column: comment["endColumn"]?.int ?? column)
    return Diagnostic(
      .shellCheck, "SC\(code): \(message)", severity: comment["level"]?.string == "error" ? .error : .warning,
      source: script.source, span: script.span(of: start..<max(start, end)),
      notes: ["https://www.shellcheck.net/wiki/SC\(code)"])
  }

  private func run(
    _ arguments: [String], input: String
  ) throws(CommandFault) -> (status: ProcessEnd.Status?, output: String, errors: String) {
    let collector = ShellCheckOutput()
    let request = ProcessRequest(
      argv: ["shellcheck"] + arguments, environment: environment, input: Array(input.utf8))
    let process: RunningProcess
    do throws(SpawnError) {
      process = try supervisor.start(request, observer: collector)
    } catch {
      throw CommandFault(
        message: "--shellcheck needs the program shellcheck: \(error.message); install it, or leave out the option",
        status: .usage)
    }
    if !collector.wait(milliseconds: Self.patience) {
      supervisor.stop(process, grace: 1_000)
      throw CommandFault(message: "shellcheck did not answer within a minute", status: .fault)
    }
    return collector.result
  }
}

/// Where the lines of a script begin, for a program that counts lines and characters from 1.
private struct LineStarts {
  private let lines: [Substring]
  private let starts: [Int]

  init(_ text: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    var starts: [Int] = []
    var offset = 0
    for line in lines {
      starts.append(offset)
      offset += line.utf8.count + 1
    }
    self.starts = starts
  }

  /// The byte of a character; the nearest there is for a place outside of the text.
  func offset(line: Int64, column: Int64) -> Int {
    let index = min(max(0, Int(clamping: line) - 1), lines.count - 1)
    let scalars = lines[index].unicodeScalars
    let length = scalars.prefix(max(0, Int(clamping: column) - 1)).reduce(0) { $0 + UTF8.width($1) }
    return starts[index] + length
  }
}

/// Collects what ShellCheck writes, for a thread that waits for its end.
private final class ShellCheckOutput: ProcessObserver {
  private struct Collected {
    var output: [UInt8] = []
    var errors: [UInt8] = []
    var end: ProcessEnd?
  }

  private let collected = Mutex(Collected())
  private let over = Semaphore()

  var result: (status: ProcessEnd.Status?, output: String, errors: String) {
    collected.withLock { collected in
      (
        collected.end?.status, String(decoding: collected.output, as: UTF8.self),
        String(decoding: collected.errors, as: UTF8.self)
      )
    }
  }

  func started(_ identity: ProcessIdentity) {}

  func output(_ bytes: UnsafeRawBufferPointer, from stream: OutputStream) {
    collected.withLock { collected in
      if stream == .stdout { collected.output += bytes } else { collected.errors += bytes }
    }
  }

  func ended(_ end: ProcessEnd) {
    collected.withLock { $0.end = end }
    over.signal()
  }

  func wait(milliseconds: Int) -> Bool { over.wait(milliseconds: milliseconds) }
}
