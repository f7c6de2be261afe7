import ArgumentParser
import Glibc
import Journal

/// Where runs are kept.
struct StoreOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The store's directory. Default: $BELAY_STORE, else belay in $XDG_STATE_HOME or ~/.local/state.", valueName: "dir"
    ), completion: .directory)
  var store: String?

  /// The store's directory.
  var directory: String { store ?? Self.usualDirectory }

  /// The store's directory where none is named.
  static var usualDirectory: String {
    if let variable = variable("BELAY_STORE") { return variable }
    if let state = variable("XDG_STATE_HOME") { return state + "/belay" }
    return (variable("HOME") ?? ".") + "/.local/state/belay"
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
