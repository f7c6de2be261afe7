import BelayTestSupport
import Glibc
import Performers
import Testing

@Suite(.enabled(if: SigningDesk.isExpected, "ssh-keygen is not installed")) struct SSHKeygenAgentTests {
  @Test func anAgentSignsForAPublicKey() throws {
    let agent = try SSHAgent()
    let desk = SigningDesk(agent.variables)
    let key = desk.makeKey("key")
    let path = desk.directory.write("ann.pub", desk.publicKey("key") + " ann\n")
    #expect(throws: SSHKeygenError.notInAgent(path: path, fingerprint: desk.fingerprint("key"))) {
      try desk.sign("ann.pub")
    }
    try agent.add(key)
    unlink(key)
    let signature = try desk.sign("ann.pub")
    #expect(try desk.verify(signature, allowed: "ann \(desk.publicKey("key"))").fingerprint == desk.fingerprint("key"))
    try agent.lock()
    #expect(throws: SSHKeygenError.self) { try desk.sign("ann.pub") }
    #expect(desk.remains == "kept\n")
    try agent.end()
  }

  @Test func anAgentThatRefusesIsNamed() throws {
    let agent = try SSHAgent()
    let desk = SigningDesk(agent.variables)
    // Each use has to be confirmed, and there is nothing that asks.
    try agent.add("-c", desk.makeKey("key"))
    let path = desk.directory.write("ann.pub", desk.publicKey("key") + "\n")
    #expect(throws: SSHKeygenError.agentRefused(path: path)) { try desk.sign("ann.pub") }
    try agent.end()
  }

  @Test func withoutAnAgentAPublicKeyAloneSignsNothing() throws {
    let desk = SigningDesk()
    desk.makeKey("key")
    let path = desk.directory.write("ann.pub", desk.publicKey("key") + "\n")
    #expect(throws: SSHKeygenError.noAgent(path: path)) { try desk.sign("ann.pub") }
    let lost = SSHKeygen(variables: [("PATH", SigningDesk.searchPath), ("SSH_AUTH_SOCK", "/no/such")])
    #expect(throws: SSHKeygenError.noAgent(path: path)) { try lost.sign([], namespace: "x", key: path) }
  }

  @Test(.enabled(if: SecurityToken.isExpected, "SoftHSM is not installed"))
  func aKeyInAPKCS11DeviceSignsThroughTheAgent() throws {
    let token = try SecurityToken()
    let agent = try token.agent()
    let line = agent.keys.split(separator: " ").prefix(2).joined(separator: " ")
    let desk = SigningDesk(agent.variables)
    desk.directory.write("ann.pub", line + "\n")
    let signature = try desk.sign("ann.pub")
    let verdict = try desk.verify(signature, allowed: "ann \(line)")
    let publicKey = try #require(SSHPublicKey(line: line))
    #expect(publicKey.type == "ecdsa-sha2-nistp256")
    #expect(verdict == .valid(publicKey))
    try token.remove(from: agent)
    #expect(throws: SSHKeygenError.self) { try desk.sign("ann.pub") }
    try agent.end()
  }
}
