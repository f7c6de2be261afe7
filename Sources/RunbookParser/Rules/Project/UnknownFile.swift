import Diagnostics

extension RuleDescription {
  static let unknownFile = RuleDescription(
    .unknownFile, .error, "A library, a runbook or a file of the project does not exist, or cannot be read",
    explanation: #"""
      `use` and `runbook` speak of other files of the project by the name that stands in them, wherever they lie below the
      folder with `belay.yaml`. The inventory is named by its path from there.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        use: [«database-checks»]
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
        name: example
        version: 1.0.0
        use: [database-checks]
        steps:
          - id: look
            check: ready

        """#,
        project: [
          "database-checks": #"""
          library: 1
          name: database-checks
          checks:
            ready: {exec: [pg_isready]}

          """#
        ])
    ])
}
