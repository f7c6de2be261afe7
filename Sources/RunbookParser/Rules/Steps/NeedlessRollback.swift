import Diagnostics

extension RuleDescription {
  static let needlessRollback = RuleDescription(
    .needlessRollback, .error, "A step that changes nothing, or nothing that can be undone, has a way back",
    explanation: #"""
      One of the two is wrong: the effect, or the way back. Which one only the author knows.
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
            «rollback»: {exec: [df]}

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
