import Diagnostics

extension RuleDescription {
  static let environmentChoice = RuleDescription(
    .environmentChoice, .error, "The environment is not one of the runbook's",
    explanation: #"""
      A runbook that names its environments runs in one of them, chosen with `--environment`; never in one that
      was only meant.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        environments: «[staging, production]»
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#, environment: "prod")
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        environments: [staging, production]
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#, environment: "production")
    ])
}
