import RunbookParser
import Testing

@Suite("Files of keys in OpenSSH's formats")
struct AllowedSignersTests {
  private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKjpHqM2DFY6zQBRNHuyN5WOmBxGwW6JGGvyAZMkvHpZ"

  @Test("names, options and keys are read as ssh-keygen reads them")
  func lines() {
    let file = AllowedSigners(
      """
      # people
      alice@example.com,al \(Self.key) laptop

      bob@example.com namespaces="belay-approval,belay-start",valid-before="20270101" \(Self.key)
      "*@example.com" cert-authority \(Self.key)\r
      """)
    #expect(file.problems == [])
    #expect(file.lines.map(\.number) == [2, 4, 5])
    #expect(file.lines[0].names("al") == true)
    #expect(file.lines[0].names("bob@example.com") == false)
    #expect(file.lines[1].names("bob@example.com") == true)
    #expect(file.lines[2].names("carol@example.com") == nil, "a pattern is ssh-keygen's to match")
    #expect(file.lines.map(\.isAuthority) == [false, false, true])
    #expect(Set(file.lines.map(\.key)).count == 1)
  }

  @Test(
    "a line that nobody could use is told, with what is wrong",
    arguments: [
      ("alice@example.com", "it has no public key"),
      ("alice@example.com ssh-ed25519 AAAAgarbage", "`ssh-ed25519` is neither a public key nor an option"),
      ("alice@example.com nonsense \(key)", "`nonsense` is neither a public key nor an option"),
      ("alice@example.com valid-before=soon \(key)", "`valid-before=soon` is no time"),
      ("alice@example.com ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIKjpHqM2DFY6zQBRNHuyN5WOmBxGwW6JGGvyAZMkvHpZ", "neither"),
    ])
  func problems(line: String, says: String) {
    let problems = AllowedSigners("# keys\n\(line)\n").problems
    #expect(problems.map(\.line) == [2])
    #expect(problems.first?.text.contains(says) == true, "\(problems)")
  }

  @Test("a list of keys has keys alone")
  func lists() {
    #expect(AllowedSigners.problems(ofKeys: "# none\n\n\(Self.key) old\n") == [])
    #expect(AllowedSigners.problems(ofKeys: "\(Self.key)\nalice \(Self.key)\n").map(\.line) == [2])
  }
}
