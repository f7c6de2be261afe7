import Diagnostics

extension RuleDescription {
  static let tag = RuleDescription(
    .tag, .error, "A tag is not part of the language",
    explanation: #"""
      Every field of the language has a type of its own, so there is nothing for a tag to say. A text that begins
      with `!` needs quotes.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        title: «!important Deploy»
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
        title: "!important Deploy"
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#)
    ])
}
