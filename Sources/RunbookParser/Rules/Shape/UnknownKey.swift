import Diagnostics

extension RuleDescription {
  static let unknownKey = RuleDescription(
    .unknownKey, .error, "A mapping has a key that it does not know, or that means nothing there",
    explanation: #"""
      A key that is not understood is a mistake, never passed over: a misspelt `verify` would otherwise be a
      verification that never happens. The nearest key that exists is suggested. The same goes for a key that the
      mapping knows and that means nothing beside what else stands in it.
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

        """#),
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: pause
            wait: 30s
            «retry»: {attempts: 3}
          - id: look
            effect: observe
            exec: [df]
            «repeatable»: true

        """#),
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
