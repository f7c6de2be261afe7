import Diagnostics

extension RuleDescription {
  static let brokenCall = RuleDescription(
    .brokenCall, .error, "A called runbook has mistakes",
    explanation: #"""
      A called runbook must be valid by itself. The first of its mistakes is quoted; `belay validate` with its file shows all.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: other
            runbook: {name: «other»}

        """#,
        project: [
          "other": #"""
          belay: 1
          name: other
          version: 1.0.0
          steps:
            - id: look
              exec: [df]

          """#
        ])
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: other
            runbook: {name: other}

        """#,
        project: [
          "other": #"""
          belay: 1
          name: other
          version: 1.0.0
          steps:
            - id: look
              effect: observe
              exec: [df]

          """#
        ])
    ])
}
