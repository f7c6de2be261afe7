import Diagnostics

extension RuleDescription {
  static let unknownKey = RuleDescription(
    .unknownKey, .error, "A mapping has a key that it does not know",
    explanation: #"""
      A key that is not understood is a mistake, never passed over: a misspelt `verify` would otherwise be a
      verification that never happens. The nearest key that exists is suggested.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        «titel»: Deploy
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
        title: Deploy
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#)
    ])
}
