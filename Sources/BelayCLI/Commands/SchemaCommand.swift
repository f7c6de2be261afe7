import ArgumentParser
import RunbookParser

struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Writes the JSON Schema of a kind of file, for editors.",
    discussion: """
      The kinds are runbook, library, project (belay.yaml) and inventory. The schema (draft 2020-12) is written from the \
      tables that the parser uses. An editor with YAML Language Server takes it from the first line of a file:

      # yaml-language-server: $schema=runbook.schema.json
      """)

  @Argument(help: "The kind: runbook, library, project or inventory.")
  var kind: FileKind

  func run() { Terminal.standardOutput.write(FileSchema.json(of: kind).prettyText() + "\n") }
}

extension FileKind: ExpressibleByArgument {}
