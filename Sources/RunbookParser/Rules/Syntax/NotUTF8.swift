import Diagnostics

extension RuleDescription {
  static let notUTF8 = RuleDescription(
    .notUTF8, .error, "The file holds bytes that are not UTF-8",
    explanation: #"""
      A runbook is UTF-8. Other encodings, Latin-1 among them, are not guessed at: a wrong guess would change a
      command. In the example `?` stands for the single byte E9, an `é` in Latin-1.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        title: Caf«?»

        """#,
        made: { Array("belay: 1\nname: example\ntitle: Caf".utf8) + [0xE9, 0x0A] })
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        title: Café
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#)
    ])
}
