import Diagnostics

extension RuleDescription {
  static let unknownAddress = RuleDescription(
    .unknownAddress, .error, "A rehearsal speaks of something that the runbook does not have",
    explanation: #"""
      A rehearsal names steps, checks and ways back by their addresses: `steps.promote`, `steps.promote.verify.0`,
      `steps.promote.rollback`, `preconditions.standby-ready`. What nothing answers to would be passed over, and the
      rehearsal would show another night than the one it describes.
      """#,
    bad: [
      Example(
        #"""
        rehearsal: 1
        runbook: other
        name: the disk is full
        answers:
          «steps.lok»: {exit: 1}

        """#, project: ["other": observing])
    ],
    good: [
      Example(
        #"""
        rehearsal: 1
        runbook: other
        name: the disk is full
        answers:
          steps.look: {exit: 1}
        expect: {outcome: failed}

        """#, project: ["other": observing])
    ])

  private static let observing = #"""
    belay: 1
    name: other
    version: 1.0.0
    steps:
      - id: look
        effect: observe
        exec: [df]

    """#
}
