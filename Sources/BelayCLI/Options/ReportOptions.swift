import ArgumentParser

/// How a command that reports writes.
struct ReportOptions: ParsableArguments {
  /// The formats.
  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text, json
  }

  @Option(help: "How to write: text or json.")
  var format: Format = .text
}
