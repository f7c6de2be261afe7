import ArgumentParser
import Glibc
import Journal

/// Where runs are kept.
struct StoreOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The store's directory. Default: $BELAY_STORE, else belay in $XDG_STATE_HOME or ~/.local/state.", valueName: "dir"
    ))
  var store: String?

  /// The store's directory.
  var directory: String {
    if let store { return store }
    if let variable = Self.variable("BELAY_STORE") { return variable }
    if let state = Self.variable("XDG_STATE_HOME") { return state + "/belay" }
    return (Self.variable("HOME") ?? ".") + "/.local/state/belay"
  }

  private static func variable(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
