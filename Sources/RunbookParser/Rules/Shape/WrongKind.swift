import Diagnostics

extension RuleDescription {
  static let wrongKind = RuleDescription(
    .wrongKind, .error, "A value is of the wrong kind",
    explanation: #"""
      A text, a list or a mapping stands where another of them is wanted. `exec` is a list, so that each word
      arrives as it stands and no shell has to take a line apart.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: look
            effect: observe
            exec: «ls -l»

        """#)
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
            exec: [ls, -l]

        """#)
    ])
}
