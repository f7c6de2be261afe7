import Diagnostics

extension RuleDescription {
  static let notARunbook = RuleDescription(
    .notARunbook, .error, "The file is not a runbook of this version",
    explanation: #"""
      A runbook is a mapping whose first key is `belay: 1`, so that neither a person nor a program has to guess
      what a file is.
      """#,
    bad: [
      Example(
        #"""
        «name»: example
        steps: []

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
