import Diagnostics

extension RuleDescription {
  static let missingInput = RuleDescription(
    .missingInput, .error, "An input has no value",
    explanation: #"""
      The input is required and has no default: give it with `-i NAME=VALUE` or in a file with `--inputs`. At a
      terminal it is asked for.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs:
          «host»: {type: string}
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#, inputs: [:])
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs:
          host: {type: string}
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#, inputs: ["host": "db-1"])
    ])
}
