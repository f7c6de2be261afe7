import ArgumentParser
import Journal

/// Which keys a log's checkpoints are held against.
struct KeyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The log's verifier key, as `belay audit init` printed it; may be repeated. Without it the keys are taken from "
        + "what is checked, which shows damage and not forgery.", valueName: "key"))
  var key: [String] = []

  /// The keys that were given; nil where none was.
  func accepted() throws -> [VerifierKey]? {
    key.isEmpty ? nil : try key.map { try Self.parse($0, kind: .note) }
  }

  static func parse(_ text: String, kind: VerifierKey.Kind) throws -> VerifierKey {
    guard let key = VerifierKey(text), key.kind == kind else {
      throw CommandFault(
        message: "\(text) is not the key of a \(kind == .note ? "log" : "witness"): it has the form name+id+key",
        status: .usage)
    }
    return key
  }
}
