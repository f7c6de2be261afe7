import Diagnostics

extension RuleDescription {
  static let emptyDocument = RuleDescription(
    .emptyDocument, .error, "The file is empty",
    explanation: #"""
      There is nothing in the file but blanks and comments. A runbook begins with `belay: 1`.
      """#,
    bad: [
      Example(
        #"""
        «»# nothing yet

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
            exec: [df]

        """#)
    ])
}
