import Glibc

/// OpenSSH's `ssh-keygen -Y`: signs with people's SSH keys, and says whose a signature is.
///
/// Every call blocks its thread until ssh-keygen has ended, and belongs on none of the cooperative pool. A signal that ends
/// this process meanwhile leaves a directory with what was signed, and no secret, behind.
package struct SSHKeygen: Sendable {
  /// What signing needs: the program, the agent, and what asks for a passphrase without a terminal.
  private static let passedOn: Set<String> = [
    "PATH", "HOME", "TERM", "SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "SSH_SK_PROVIDER", "DISPLAY",
    "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS",
  ]

  /// This process's variables that ssh-keygen gets when it signs.
  let variables: [(String, String)]
  /// Where directories for its files are made.
  let directory: String

  /// - Parameters:
  ///   - variables: The environment: what of it leads to the program, the agent and the person is passed on.
  ///   - directory: Where directories for its files are made; `TMPDIR`, or `/tmp`, unless said.
  package init(variables: [(String, String)], directory: String? = nil) {
    self.variables = variables.filter { Self.passedOn.contains($0.0) }
    self.directory = directory ?? variables.last { $0.0 == "TMPDIR" && !$0.1.isEmpty }?.1 ?? "/tmp"
  }

  /// The value of a variable; nil where it is empty, too.
  func value(of name: String) -> String? { variables.last { $0.0 == name && !$0.1.isEmpty }?.1 }

  /// The whole path of the program.
  func program() throws(SSHKeygenError) -> String {
    do throws(SpawnError) {
      return try ProgramSearch(directory: nil).path(of: "ssh-keygen", searching: value(of: "PATH"))
    } catch {
      throw .noProgram(error)
    }
  }

  /// Refuses what is empty or what ssh-keygen would see only a part of.
  static func check(_ text: String, _ part: String) throws(SSHKeygenError) {
    guard !text.isEmpty, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw .unusable(part: part) }
  }
}
