import Diagnostics

extension RuleDescription {
  static let expressionSyntax = RuleDescription(
    .expressionSyntax, .error, "An expression cannot be read",
    explanation: #"""
      What stands between `${{` and `}}`, or in a field that is an expression already, is no expression of the
      language.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs: {n: {type: int, default: "1"}}
        steps:
          - id: look
            when: inputs.n «=» 1
            effect: observe
            exec: [df]

        """#),
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs: {n: {type: int, default: "1"}}
        steps:
          - id: look
            when: «"${{ inputs.n == 1 }}"»
            effect: observe
            exec: [df]

        """#),
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs: {n: {type: int, default: "1"}}
        steps:
          - id: look
            when: inputs.n == 1
            effect: observe
            exec: [df]

        """#)
    ])
}
