import Diagnostics

extension RuleDescription {
  static let nulInText = RuleDescription(
    .nulInText, .error, "A text holds a NUL character",
    explanation: #"""
      No argument, variable or file name can hold a NUL: the text would end there for every program.
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
            exec: [echo, «"a\0b"»]

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
            exec: [printf, 'a\0b']

        """#)
    ])
}
