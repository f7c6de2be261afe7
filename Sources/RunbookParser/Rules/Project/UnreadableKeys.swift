import Diagnostics

extension RuleDescription {
  static let unreadableKeys = RuleDescription(
    .unreadableKeys, .error, "A file of keys has lines that prove nothing",
    explanation: #"""
      The files under `keys` say whose which key is, in the format of OpenSSH's allowed signers (ssh-keygen(1)), and which
      keys count for nothing any more, one a line. A line that cannot be read, and a key that two people have, would be
      found out at a gate only, when the run has changed something and nobody can approve it.
      """#,
    bad: [
      Example(
        #"""
        project: 1
        people:
          alice: {principal: alice@example.com}
        keys: {allowed-signers: «keys/allowed»}

        """#, project: ["keys/allowed": "alice@example.com ssh-ed25519 AAAAgarbage\n"])
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#,
        project: [
          "belay": #"""
          project: 1
          people:
            alice: {principal: alice@example.com}
          keys: {allowed-signers: keys/allowed}

          """#,
          "keys/allowed":
            "alice@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKjpHqM2DFY6zQBRNHuyN5WOmBxGwW6JGGvyAZMkvHpZ\n",
        ])
    ])
}
