import Diagnostics

extension RuleDescription {
  static let badName = RuleDescription(
    .badName, .error, "A name is not well formed",
    explanation: #"""
      Names of runbooks, steps, inputs, outputs and checks are a small letter, then small letters, digits and
      hyphens, at most 63 in all: they stand in file names, in expressions (where hyphens become underscores), and
      on command lines. `in`, `true`, `false` and `null` are words of the expression language.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: «My Runbook»
        version: 1.0.0
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
        name: my-runbook
        version: 1.0.0
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#)
    ])
}
