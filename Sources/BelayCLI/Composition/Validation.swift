import Diagnostics
import Presentation
import RunbookParser

/// Validates what a user names, once.
struct Validation {
  /// Files, directories, or `-` for standard input.
  let paths: [String]
  /// Whether fixes are applied to the files.
  let fixes: Bool
  /// What looks at the scripts; nil where nothing does.
  var shellCheck: ShellCheck?

  /// How often a file's fixes are applied, as one may stand in the way of another or bring a new one to light.
  static let roundLimit = 10

  /// What one round of validating came to.
  struct Round {
    /// What is wrong, after fixes.
    var report: ValidationReport
    /// The diagnostics whose fixes were applied, in order of file and round.
    var fixed: [Diagnostic] = []
    /// What standard input says once it is fixed; nil where it was not read, or nothing is to be fixed.
    var fixedInput: SourceText?

    /// What the command exits with.
    var status: ExitStatus {
      report.diagnostics.hasErrors || !report.faults.isEmpty ? .usage : .success
    }
  }

  /// Reads and validates all of it on all cores; the same files give the same result in the same order.
  func run() -> Round {
    var faults: [String] = []
    let files = self.files(&faults)
    let fixes = self.fixes
    let asksShellCheck = shellCheck != nil
    let results = ParallelMap.map(files) { file in
      Self.validate(file.path, isNamed: file.directory == nil, fixes: fixes, keepsScripts: asksShellCheck)
    }
    var round = Round(report: ValidationReport(files: [], diagnostics: []))
    let read = Set(zip(files, results).compactMap { $1.isRead || $1.fault != nil ? $0.directory : nil })
    for directory in Set(files.compactMap(\.directory)).subtracting(read).sorted() {
      faults.append("\(directory): there is no file of the language below it")
    }
    for ((path, _), result) in zip(files, results) {
      if result.isRead { round.report.files.append(path == "-" ? "<stdin>" : path) }
      round.report.diagnostics += result.diagnostics
      round.fixed += result.fixed
      if let input = result.input { round.fixedInput = input }
      if let fault = result.fault { faults.append(fault) }
    }
    if let shellCheck { ask(shellCheck, results.flatMap(\.scripts), &round.report.diagnostics, &faults) }
    round.report.diagnostics = Self.withoutRepetition(round.report.diagnostics, named: files.map(\.path))
      .sortedForDisplay()
    round.report.faults = faults
    return round
  }

  /// The files, and below which directory each lies that was not named itself: of these other tools' are left out.
  private func files(_ faults: inout [String]) -> [(path: String, directory: String?)] {
    var files: [(path: String, directory: String?)] = []
    for path in paths {
      if FileReader.isDirectory(path) {
        let (found, problems) = FileReader.yamlFiles(below: path)
        faults += problems
        if found.isEmpty, problems.isEmpty { faults.append("\(path): there is no .yaml file below it") }
        files += found.map { ($0, path) }
      } else {
        files.append((path, nil))
      }
    }
    // Two threads must not fix one file.
    var seen: Set<String> = []
    return fixes ? files.filter { seen.insert($0.path).inserted } : files
  }

  private func ask(
    _ shellCheck: ShellCheck, _ scripts: [RunbookScript], _ diagnostics: inout [Diagnostic], _ faults: inout [String]
  ) {
    let answers = ParallelMap.map(scripts) { script -> Result<[Diagnostic], CommandFault> in
      do throws(CommandFault) { return .success(try shellCheck.diagnostics(of: script)) } catch {
        return .failure(error)
      }
    }
    for answer in answers {
      switch answer {
      case .success(let found): diagnostics += found
      case .failure(let fault): faults.append(fault.message)
      }
    }
  }

  private struct FileResult: Sendable {
    var scripts: [RunbookScript] = []
    var isRead = false
    var diagnostics: [Diagnostic] = []
    var fixed: [Diagnostic] = []
    var input: SourceText?
    var fault: String?
  }

  private static func validate(_ path: String, isNamed: Bool, fixes: Bool, keepsScripts: Bool) -> FileResult {
    var result = FileResult()
    do throws(CommandFault) {
      let read = try FileReader.read(path)
      var compilation = RunbookCompiler.compile(read, project: FileProject.of(read.name))
      if compilation.seemsForeign, !isNamed { return result }
      result.isRead = true
      result.diagnostics = compilation.diagnostics
      if keepsScripts { result.scripts = compilation.scripts }
      guard fixes else { return result }
      var source = read
      var fixed: [Diagnostic] = []
      for _ in 0..<roundLimit {
        let application = FixApplication(compilation.diagnostics, to: source)
        if application.applied.isEmpty { break }
        let mended = SourceText(name: source.name, bytes: application.bytes)
        let after = RunbookCompiler.compile(mended, project: FileProject.of(mended.name))
        // A text that can no longer be read is no better, whatever was fixed in it.
        if after.runbook == nil, compilation.runbook != nil { break }
        fixed += application.applied
        source = mended
        compilation = after
      }
      if path == "-" {
        result.input = source
      } else if !fixed.isEmpty {
        try FileReplacement.replace(read, with: source.bytes)
      }
      result.diagnostics = compilation.diagnostics
      if keepsScripts { result.scripts = compilation.scripts }
      result.fixed = fixed
    } catch {
      result.fault = error.message
    }
    return result
  }
}
