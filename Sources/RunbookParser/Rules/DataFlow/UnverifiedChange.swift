import Diagnostics

extension RuleDescription {
  static let unverifiedChange = RuleDescription(
    .unverifiedChange, .warning, "Nothing verifies a change",
    explanation: #"""
      That a program exits with 0 does not show that the change came to what it was meant to: a service was
      restarted and fell over a second later. A change is verified by its own `verify`, or by a later step that
      needs it and observes or verifies something. `applied` does not count: it is asked only where the engine
      died. Steps of `finally` are let be.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: look
            effect: observe
            exec: [df]
          - id: «enlarge»
            exec: [lvextend, --size, 20G, /dev/data/database]
            applied: {exec: [test, -e, /dev/data/database]}
            rollback: none
            because: The space is used at once.

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: enlarge
            exec: [lvextend, --size, 20G, /dev/data/database]
            applied: {exec: [test, -e, /dev/data/database]}
            verify:
              - {exec: [lvs, --noheadings, -o, lv_size, data/database], expect: "result.stdout.contains('20.00g')"}
            rollback: none
            because: The space is used at once.

        """#),
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: enlarge
            exec: [lvextend, --size, 20G, /dev/data/database]
            applied: {exec: [test, -e, /dev/data/database]}
            rollback: none
            because: The space is used at once.
          - id: look
            effect: observe
            exec: [lvs, data/database]

        """#),
    ])
}
