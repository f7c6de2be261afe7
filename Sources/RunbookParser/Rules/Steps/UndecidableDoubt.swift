import Diagnostics

extension RuleDescription {
  static let undecidableDoubt = RuleDescription(
    .undecidableDoubt, .warning, "After a crash only a person could say whether a change took effect",
    explanation: #"""
      If the engine or its machine dies during the action, a resume asks `applied` whether the change is there, or
      repeats what is `repeatable`. With neither, the run waits for a person.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: «move»
            exec: [mv, -n, /srv/old, /srv/new]
            verify: [{exec: [test, -e, /srv/new]}]
            rollback: {exec: [mv, -n, /srv/new, /srv/old]}

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: move
            exec: [mv, -n, /srv/old, /srv/new]
            applied: {exec: [test, -e, /srv/new]}
            verify: [{exec: [test, -e, /srv/new]}]
            rollback: {exec: [mv, -n, /srv/new, /srv/old]}

        """#)
    ])
}
