import ArgumentParser
import Glibc
import Performers

/// With which key a person signs.
struct SigningOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The file of your SSH key: a private key, or a public one whose private half an agent has. Default: $BELAY_KEY, "
        + "else the first of id_ed25519, id_ecdsa and id_rsa in ~/.ssh.", valueName: "file"), completion: .file())
  var key: String?

  /// Whether a key is named on the command line.
  var isNamed: Bool { key != nil }

  /// The file of the key; nil where none is said or found.
  var path: String? {
    if let key { return key }
    let variables = ProcessEnvironment.variables
    func variable(_ name: String) -> String? { variables.first { $0.0 == name && !$0.1.isEmpty }?.1 }
    if let key = variable("BELAY_KEY") { return key }
    guard let home = variable("HOME") else { return nil }
    let names = ["id_ed25519", "id_ecdsa", "id_rsa"].map { "\(home)/.ssh/\($0)" }
    return names.first { access($0, R_OK) == 0 } ?? names.map { $0 + ".pub" }.first { access($0, R_OK) == 0 }
  }

  /// Signs a statement.
  func sign(_ statement: String, namespace: String) throws -> String {
    guard let path else {
      throw CommandFault(message: "there is no SSH key to sign with; name one with --key or BELAY_KEY", status: .usage)
    }
    do throws(SSHKeygenError) {
      return try SSHKeygen(variables: ProcessEnvironment.variables).sign(
        Array(statement.utf8), namespace: namespace, key: path)
    } catch {
      throw CommandFault(message: error.message, status: .usage)
    }
  }
}
