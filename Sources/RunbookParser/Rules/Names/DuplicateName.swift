import Diagnostics

extension RuleDescription {
  static let duplicateName = RuleDescription(
    .duplicateName, .error, "Two things have one name",
    explanation: #"""
      A step, a check of one list or an option is spoken of by its name: in `needs`, in expressions, in the log,
      on the command line. Both places are shown.
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
          - id: «look»
            effect: observe
            exec: [free]

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: disk
            effect: observe
            exec: [df]
          - id: memory
            effect: observe
            exec: [free]

        """#)
    ])
}
