import Diagnostics

extension RuleDescription {
  static let anchor = RuleDescription(
    .anchor, .error, "An anchor is not part of the language",
    explanation: #"""
      With anchors and aliases the text at a place is not what runs there, and a reviewer of a change does not see
      what it reaches. A constant stands under `values`. A text that begins with `&` needs quotes.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        title: «&short Deploy»
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
        values:
          greeting: {type: string, value: "'hello'"}
        steps:
          - id: greet
            effect: observe
            exec: [echo, "${{ values.greeting }}"]

        """#)
    ])
}
