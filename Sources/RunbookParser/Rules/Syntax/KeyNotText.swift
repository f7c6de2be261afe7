import Diagnostics

extension RuleDescription {
  static let keyNotText = RuleDescription(
    .keyNotText, .error, "A key is not a text",
    explanation: #"""
      The keys of a mapping are names. A text that begins with `{` or `[` needs quotes.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        env: {«[A]»: b}
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
        env: {A: b}
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#)
    ])
}
