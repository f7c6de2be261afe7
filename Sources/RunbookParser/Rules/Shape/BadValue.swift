import Diagnostics

extension RuleDescription {
  static let badValue = RuleDescription(
    .badValue, .error, "A value is not one of those that the field takes",
    explanation: #"""
      The field wants one of some words, a number within bounds, a duration, a version or the like.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        timeout: «5 minutes»
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        timeout: 5m
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#)
    ])
}
