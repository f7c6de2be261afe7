import Diagnostics

extension RuleDescription {
  static let mergeKey = RuleDescription(
    .mergeKey, .error, "A merge key is not part of the language",
    explanation: #"""
      `<<` copies another mapping's keys into this one, so that the keys that count are not those that stand
      there. Write them out.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        env: {«<<»: {LC_ALL: C}}
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
        env: {LC_ALL: C}
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#)
    ])
}
