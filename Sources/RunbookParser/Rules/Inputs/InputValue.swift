import Diagnostics

extension RuleDescription {
  static let inputValue = RuleDescription(
    .inputValue, .error, "A value does not fit its input",
    explanation: #"""
      A default, or a value that was given, is not of the input's type or outside of its constraints.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs:
          port: {type: int, min: 1, max: 65535, default: «70000»}
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
        inputs:
          port: {type: int, min: 1, max: 65535, default: 8080}
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#)
    ])
}
