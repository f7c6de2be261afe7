import Diagnostics

extension RuleDescription {
  static let oneAction = RuleDescription(
    .oneAction, .error, "A step does not have exactly one action",
    explanation: #"""
      A step does one thing, so that it has one outcome, one verification and one way back; a check asks one
      thing.
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
            «wait»: 5s

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
          - id: pause
            wait: 5s

        """#)
    ])
}
