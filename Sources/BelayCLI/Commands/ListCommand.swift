import ArgumentParser
import CanonicalJSON
import Diagnostics
import Presentation
import RunbookParser
import TerminalText

struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Lists the runbooks below a directory.")

  @Argument(
    help: "Directories and files. Default: runbooks, or the present directory if there is none.",
    completion: .file(extensions: ["yaml"]))
  var paths: [String] = []

  @OptionGroup var report: ReportOptions

  func run() throws {
    let roots = paths.isEmpty ? [FileReader.isDirectory("runbooks") ? "runbooks" : "."] : paths
    var files: [String] = []
    var problems: [String] = []
    for root in roots {
      guard FileReader.isDirectory(root) else {
        files.append(root)
        continue
      }
      let below = FileReader.yamlFiles(below: root)
      files += below.files
      problems += below.problems
    }
    var found: [(path: String, runbook: Runbook, errors: Int)] = []
    for path in files {
      let compilation = RunbookCompiler.compile(try FileReader.read(path), project: FileProject.of(path))
      guard let runbook = compilation.runbook, !runbook.name.isEmpty else { continue }
      found.append((path, runbook, compilation.diagnostics.filter { $0.severity == .error }.count))
    }
    switch report.format {
    case .text:
      let rows = found.map { path, runbook, errors in
        [
          runbook.name, runbook.version?.description ?? "-", errors > 0 ? "\(errors) errors" : "valid", path,
          runbook.title,
        ]
      }
      let lines = TextTable.lines([["NAME", "VERSION", "STATE", "FILE", "TITLE"]] + rows)
      Terminal.standardOutput.write(lines.joined(separator: "\n") + "\n")
    case .json:
      Terminal.standardOutput.write(JSON.array(found.map(Self.json)).prettyText() + "\n")
    }
    for problem in problems { Terminal.standardError.write("error: \(TerminalText.harmless(problem))\n") }
    if !problems.isEmpty { throw ExitStatus.usage }
  }

  private static func json(_ path: String, _ runbook: Runbook, _ errors: Int) -> JSON {
    .object([
      .init("name", .string(runbook.name)), .init("title", .string(runbook.title)),
      .init("version", runbook.version.map { .string($0.description) } ?? .null), .init("file", .string(path)),
      .init("errors", .int(Int64(errors))), .init("tags", .array(runbook.tags.map { .string($0) })),
      .init("environments", .array(runbook.environments.map { .string($0) })),
      .init("steps", .array(runbook.steps.map { .string($0) })),
      .init(
        "inputs",
        .array(
          runbook.inputs.map { input in
            .object([
              .init("name", .string(input.name)), .init("type", .string(input.type)),
              .init("required", .bool(input.isRequired)),
              .init("description", input.description.map { .string($0) } ?? .null),
            ])
          })),
    ])
  }
}
