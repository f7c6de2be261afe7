import Diagnostics

extension RuleDescription {
  static let finallyChanges = RuleDescription(
    .finallyChanges, .error, "A step of `finally` changes something as if it could be undone",
    explanation: #"""
      `finally` runs last, after any rollback. What its steps change stays, and they say so; a point of no return
      has no place there.
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
        finally:
          - id: report
            exec: [touch, /var/tmp/report]
            repeatable: true
            «rollback»: {exec: [rm, -f, /var/tmp/report], repeatable: true}

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
        finally:
          - id: report
            exec: [touch, /var/tmp/report]
            repeatable: true
            rollback: none
            because: The report is read later.

        """#)
    ])
}
