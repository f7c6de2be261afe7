import Diagnostics

extension RuleDescription {
  static let unknownCheck = RuleDescription(
    .unknownCheck, .error, "A named check does not exist",
    explanation: #"""
      `check: NAME` speaks of an entry of the runbook's `checks`. The nearest name that exists is suggested.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        checks:
          pool-free: {exec: [pg_isready]}
        steps:
          - id: look
            check: «pool-fre»

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        checks:
          pool-free: {exec: [pg_isready]}
        steps:
          - id: look
            check: pool-free

        """#)
    ])
}
