import Diagnostics

extension RuleDescription {
  static let expressionWarning = RuleDescription(
    .expressionWarning, .warning, "An expression can be worked out, and most likely not as it is meant",
    explanation: #"""
      A division of whole numbers drops its fraction; a comparison with null never holds.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs: {used: {type: int, default: 3}, size: {type: int, default: 4}}
        steps:
          - id: look
            when: «inputs.used / inputs.size» > 0
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
        inputs: {used: {type: int, default: 3}, size: {type: int, default: 4}}
        steps:
          - id: look
            when: double(inputs.used) / double(inputs.size) > 0.8
            effect: observe
            exec: [df]

        """#)
    ])
}
