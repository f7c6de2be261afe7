import ArgumentParser
import Diagnostics
import RunbookParser

/// What a plan is made from, besides the runbook.
struct InputOptions: ParsableArguments {
  @Option(
    name: .shortAndLong, help: ArgumentHelp("An input's value; may be repeated.", valueName: "name=value"),
    completion: .custom(Completions.inputs))
  var input: [String] = []

  @Option(
    help: ArgumentHelp("A YAML or JSON file with inputs.", valueName: "file"),
    completion: .file(extensions: ["yaml", "json"]))
  var inputs: String?

  @Option(
    help: ArgumentHelp("The environment, one of those the runbook names.", valueName: "name"),
    completion: .custom(Completions.environments))
  var environment: String?

  /// Whether anything was given at all.
  var isGiven: Bool { !input.isEmpty || inputs != nil || environment != nil }

  /// The inputs that were given, and what is wrong with them.
  func given() throws -> (inputs: [GivenInput], diagnostics: [Diagnostic]) {
    var given: [GivenInput] = []
    var diagnostics: [Diagnostic] = []
    if let inputs {
      let (fromFile, problems) = RunbookCompiler.inputsFile(try FileReader.read(inputs))
      given += fromFile
      diagnostics += problems
    }
    for text in input {
      guard let sign = text.firstIndex(of: "="), sign != text.startIndex else {
        throw CommandFault(message: "-i \(text): write name=value", status: .usage)
      }
      given.append(
        GivenInput(name: String(text[..<sign]), text: String(text[text.index(after: sign)...])))
    }
    return (given, diagnostics)
  }
}

/// How a run is watched and answered.
struct EngineOptions: ParsableArguments {
  @Flag(name: .long, help: "Confirm every step that asks for it.")
  var yes = false

  @Flag(name: .long, help: "Write events to standard output, one JSON record a line.")
  var json = false

  @Flag(name: .long, help: "Write nothing but what went wrong.")
  var quiet = false
}
