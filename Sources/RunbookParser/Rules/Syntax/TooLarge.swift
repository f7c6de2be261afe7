import Diagnostics

extension RuleDescription {
  static let tooLarge = RuleDescription(
    .tooLarge, .error, "The file is larger than 16 MiB",
    explanation: #"""
      A runbook is written and read by people; a file of this size is something else, given by mistake. Data that
      steps work on belongs into files of its own.
      """#,
    bad: [
      Example(
        #"""
        «»# A list of everything
        # … and 16 MiB more

        """#,
        made: { Array("# A list of everything\n".utf8) + [UInt8](repeating: UInt8(ascii: "#"), count: 16 << 20) })
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
