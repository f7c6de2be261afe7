import Diagnostics

extension RuleDescription {
  static let notFormatted = RuleDescription(
    .notFormatted, .error, "A file cannot be formatted",
    explanation: #"""
      `belay fmt` lays out runbooks and libraries, written as mappings in block style: a key a line. A file of
      another kind, one that is a single `{…}`, and one whose layout it cannot be sure to keep the meaning of are
      left as they are. It reads what it is about to write, and writes it only where that is the same file.
      """#,
    bad: [
      Example(
        #"""
        «{»belay: 1, name: example, version: 1.0.0, steps: [{id: pause, wait: 5s}]}

        """#, asked: .formatter)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - {id: pause, wait: 5s}

        """#)
    ])
}
