import Diagnostics

extension RuleDescription {
  static let callCycle = RuleDescription(
    .callCycle, .error, "A runbook calls itself",
    explanation: #"""
      Called runbooks are taken into the plan, so that it is known as a whole before anything runs. One that calls itself, directly
      or through others, would have no end.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: again
            runbook: {name: «example»}

        """#)
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
