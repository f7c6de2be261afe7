import Diagnostics

extension RuleDescription {
  static let secondDocument = RuleDescription(
    .secondDocument, .error, "A second document begins in the file",
    explanation: #"""
      A file holds one runbook. What follows `---` would be passed over silently by a reader that takes the first
      document, so it is refused.
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
            exec: [df]
        «---»
        belay: 1

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
