import Diagnostics

extension RuleDescription {
  static let duplicateKey = RuleDescription(
    .duplicateKey, .error, "A key stands in a mapping twice",
    explanation: #"""
      Most readers of YAML keep the last of two values and drop the other without a word. Both places are shown.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        title: Deploy
        «title»: Deploy to production
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
        title: Deploy to production
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#)
    ])
}
