import ArgumentParser
import Diagnostics
import Presentation
import TerminalText

struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Checks runbooks without running anything.",
    discussion: """
      A directory stands for every .yaml file below it. Exits 2 if there is an error, else 0. With --watch it goes on \
      until Ctrl-C, and exits with the status of the last round.
      """)

  /// The formats.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json, sarif, junit, github
  }

  @Argument(help: "Files, directories, or - for standard input.", completion: .file(extensions: ["yaml"]))
  var paths: [String]

  @Option(help: "How to write: text, json, sarif (2.1.0), junit (XML) or github (workflow annotations).")
  var format: Format = .text

  @Flag(help: "Apply the fixes that are offered; standard input is written, fixed, to standard output.")
  var fix = false

  @Flag(help: "Validate again whenever one of the files changes, until Ctrl-C.")
  var watch = false

  @Flag(name: .customLong("shellcheck"), help: "Let ShellCheck, which must be installed, look at the scripts.")
  var shellCheck = false

  func run() throws {
    let readsInput = paths.contains("-")
    if watch, readsInput {
      throw CommandFault(message: "--watch watches files, and - is standard input", status: .usage)
    }
    if fix, readsInput, format != .text || paths.count > 1 {
      throw CommandFault(
        message: "--fix writes standard input to standard output: name nothing besides -, and no --format",
        status: .usage)
    }
    var validation = Validation(paths: paths, fixes: fix)
    let files = watch ? try FileWatch(paths) : nil
    if shellCheck { validation.shellCheck = try ShellCheck() }
    let status = try files.map { try goOn(validation, $0) } ?? show(validation.run())
    if status != .success { throw status }
  }

  /// Validates in rounds; the status of the last one.
  private func goOn(_ validation: Validation, _ watch: FileWatch) throws -> ExitStatus {
    var changed: [String]?
    var number = 1
    while true {
      try watch.renew()
      let header = "== round \(number)" + (changed.map { ": " + Self.list($0) } ?? "") + "\n"
      let stream = format == .text ? Terminal.standardOutput : .standardError
      if !stream.write(header) { return .success }
      let status = show(validation.run())
      guard case .changed(let paths) = watch.wait() else { return status }
      changed = paths
      number += 1
    }
  }

  private static func list(_ paths: [String]) -> String {
    guard let first = paths.first else { return "files changed" }
    return TerminalText.harmless(first) + (paths.count > 1 ? " and \(paths.count - 1) more" : "") + " changed"
  }

  private func show(_ round: Validation.Round) -> ExitStatus {
    let report = round.report
    let machine = format != .text || round.fixedInput != nil
    let aside = machine ? Terminal.standardError : .standardOutput
    for diagnostic in round.fixed {
      let place = diagnostic.source.location(at: Int(diagnostic.span.start))
      let title = diagnostic.fix?.title ?? ""
      aside.write(
        TerminalText.harmless(
          "fixed \(diagnostic.source.name):\(place.line):\(place.column): \(diagnostic.code), \(title)") + "\n")
    }
    if let input = round.fixedInput { input.bytes.withUnsafeBytes { _ = Terminal.standardOutput.write($0) } }
    switch format {
    case .text:
      Compilations.show(report.diagnostics)
      if report.diagnostics.isEmpty, report.faults.isEmpty, !machine {
        let count = report.files.count
        aside.write(count == 1 ? "\(TerminalText.harmless(report.files[0])) is valid\n" : "\(count) files are valid\n")
      }
    case .json: Terminal.standardOutput.write(DiagnosticJSON.array(report.diagnostics).prettyText() + "\n")
    case .sarif: Terminal.standardOutput.write(DiagnosticSARIFRenderer(version: BelayVersion.current).render(report))
    case .junit: Terminal.standardOutput.write(DiagnosticJUnitRenderer().render(report))
    case .github: Terminal.standardOutput.write(DiagnosticGitHubRenderer().render(report))
    }
    for fault in report.faults { Terminal.standardError.write("error: \(TerminalText.harmless(fault))\n") }
    return round.status
  }
}
