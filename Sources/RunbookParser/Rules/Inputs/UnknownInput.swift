import Diagnostics

extension RuleDescription {
  static let unknownInput = RuleDescription(
    .unknownInput, .error, "A value is given for an input that does not exist",
    explanation: #"""
      `-i NAME=VALUE` or a file of inputs names something that the runbook does not take. The nearest name is
      suggested.
      """#,
    bad: [
      Example(
        #"""
        «»belay: 1
        name: example
        version: 1.0.0
        inputs:
          port: {type: int, default: 80}
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#, inputs: ["prot": "8080"])
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs:
          port: {type: int, default: 80}
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#, inputs: ["port": "8080"])
    ])
}
