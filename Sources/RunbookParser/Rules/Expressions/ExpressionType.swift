import Diagnostics

extension RuleDescription {
  static let expressionType = RuleDescription(
    .expressionType, .error, "An expression does not fit",
    explanation: #"""
      A name is not known at this place, an operator or a function does not take these types, or the result is not
      of the type that the field wants. Expressions are checked in every file, whether or not a run would come to
      them.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs: {count: {type: int, default: "1"}}
        steps:
          - id: look
            when: inputs.«cuont» > 0
            effect: observe
            exec: [echo, "${{ «inputs.count + 'x'» }}"]

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs: {count: {type: int, default: "1"}}
        steps:
          - id: look
            when: inputs.count > 0
            effect: observe
            exec: [echo, "${{ string(inputs.count) + 'x' }}"]

        """#)
    ])
}
