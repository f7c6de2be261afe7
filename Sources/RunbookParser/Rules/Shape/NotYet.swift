import Diagnostics

extension RuleDescription {
  static let notYet = RuleDescription(
    .notYet, .error, "Something of the language is not in this version yet",
    explanation: #"""
      The key belongs to the language, and a later version of this program will understand it. Passing over it
      would run another runbook than the one that is written.
      """#,
    bad: [
      Example(
        #"""
        «rehearsal»: 1
        of: promotion

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
