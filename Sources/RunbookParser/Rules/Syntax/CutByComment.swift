import Diagnostics

extension RuleDescription {
  static let cutByComment = RuleDescription(
    .cutByComment, .warning, "A comment most likely cuts a text off",
    explanation: #"""
      In YAML ` #` begins a comment. Where no blank follows the `#`, it more likely belongs to the text, as in a
      ticket's number, and the rest of the text would be lost without a word.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        title: Fix ticket «#4711 now»
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
        title: 'Fix ticket #4711 now'   # a comment
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#)
    ])
}
