import Diagnostics

extension RuleDescription {
  static let missingKey = RuleDescription(
    .missingKey, .error, "A key that must be there is missing",
    explanation: #"""
      Some keys have no default: a runbook's `name` and `steps`, a step's `id`, the `from` of a secret, the
      `value` of an output.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - «effect»: observe
            exec: ["true"]

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#)
    ])
}
