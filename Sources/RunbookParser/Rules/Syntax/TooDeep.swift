import Diagnostics

extension RuleDescription {
  static let tooDeep = RuleDescription(
    .tooDeep, .error, "Values are nested more than 64 levels deep",
    explanation: #"""
      Nothing in the language nests that deep; the bound keeps a file made on purpose from using up the reader's
      stack.
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
        outputs: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[«[»]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs:
          matrix: {type: json, default: [[1, 2], [3, 4]]}
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#)
    ])
}
