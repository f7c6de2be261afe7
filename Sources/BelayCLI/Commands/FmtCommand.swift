import ArgumentParser
import Diagnostics
import RunbookFormatter
import RunbookParser

struct FmtCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fmt",
    abstract: "Brings runbooks, and the other files of a project, into one order of keys and one layout.",
    discussion: """
      Comments and blank lines are kept, and the plan's digest stays what it was. A directory stands for every file of \
      the language below it; - formats standard input to standard output. What cannot be formatted is left as it is: exit 2. With \
      --check nothing is written, and files that would change are listed: exit 1.
      """)

  @Argument(help: "Files, directories, or - for standard input.", completion: .file(extensions: ["yaml"]))
  var paths: [String]

  @Flag(help: "Only list the files that would change.")
  var check = false

  func validate() throws {
    if paths.contains("-"), paths.count > 1 { throw ValidationError("- stands alone.") }
  }

  func run() throws {
    var status = ExitStatus.success
    for (path, isNamed) in try files() {
      switch try format(path, isNamed) {
      case .success: break
      case .failed where status == .success: status = .failed
      case let other: if other == .usage { status = .usage }
      }
    }
    if status != .success { throw status }
  }

  /// The files, and whether they were named themselves.
  private func files() throws -> [(path: String, isNamed: Bool)] {
    var files: [(path: String, isNamed: Bool)] = []
    for path in paths {
      guard FileReader.isDirectory(path) else {
        files.append((path, true))
        continue
      }
      let (found, problems) = FileReader.yamlFiles(below: path)
      if let problem = problems.first { throw CommandFault(message: problem, status: .usage) }
      if found.isEmpty { throw CommandFault(message: "\(path): there is no .yaml file below it", status: .usage) }
      files += found.map { ($0, false) }
    }
    return files
  }

  private func format(_ path: String, _ isNamed: Bool) throws -> ExitStatus {
    let source: SourceText
    do throws(CommandFault) {
      source = try FileReader.read(path)
    } catch {
      Terminal.standardError.write("error: \(error.message)\n")
      return .usage
    }
    let formatting = RunbookFormatter.format(source)
    guard let text = formatting.text else {
      if !isNamed, formatting.isOfOtherKind || ForeignFile.seems(source) { return .success }
      Compilations.show(formatting.diagnostics.sortedForDisplay())
      return .usage
    }
    let isSame = source.bytes.elementsEqual(text.utf8)
    if check {
      if !isSame { Terminal.standardOutput.write("\(path == "-" ? "<stdin>" : path)\n") }
      return isSame ? .success : .failed
    }
    if path == "-" {
      Terminal.standardOutput.write(text)
    } else if !isSame {
      try FileReplacement.replace(source, with: Array(text.utf8))
    }
    return .success
  }
}
