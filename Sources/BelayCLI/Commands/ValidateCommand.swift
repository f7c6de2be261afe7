import ArgumentParser
import Diagnostics
import Presentation
import RunbookParser

struct ValidateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "validate", abstract: "Checks runbooks without running anything.",
    discussion: "A directory stands for every .yaml file below it. Exits 2 if there is an error, else 0.")

  @Argument(help: "Files, directories, or - for standard input.", completion: .file(extensions: ["yaml"]))
  var paths: [String]

  @OptionGroup var report: ReportOptions

  func run() throws {
    var unreadable: [String] = []
    var files: [String] = []
    for path in paths {
      if FileReader.isDirectory(path) {
        let found = FileReader.yamlFiles(below: path)
        if found.isEmpty { unreadable.append("\(path): there is no .yaml file below it") }
        files += found
      } else {
        files.append(path)
      }
    }
    let results = ParallelMap.map(files) { path -> Result<[Diagnostic], CommandFault> in
      do throws(CommandFault) {
        return .success(RunbookCompiler.compile(try FileReader.read(path)).diagnostics)
      } catch {
        return .failure(error)
      }
    }
    var diagnostics: [Diagnostic] = []
    for result in results {
      switch result {
      case .success(let found): diagnostics += found
      case .failure(let fault): unreadable.append(fault.message)
      }
    }
    diagnostics = diagnostics.sortedForDisplay()
    switch report.format {
    case .text:
      Compilations.show(diagnostics)
      if diagnostics.isEmpty, unreadable.isEmpty {
        Terminal.standardOutput.write(files.count == 1 ? "\(files[0]) is valid\n" : "\(files.count) files are valid\n")
      }
    case .json:
      Terminal.standardOutput.write(DiagnosticJSON.array(diagnostics).prettyText() + "\n")
    }
    for message in unreadable { Terminal.standardError.write("error: \(message)\n") }
    if diagnostics.hasErrors || !unreadable.isEmpty { throw ExitStatus.usage }
  }
}
