import Diagnostics

extension RuleDescription {
  static let alias = RuleDescription(
    .alias, .error, "An alias is not part of the language",
    explanation: #"""
      An alias repeats what an anchor marked elsewhere; see BLY0007. A text that begins with `*` needs quotes.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: find
            effect: observe
            exec: [find, /srv, -name, «*logs»]

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: find
            effect: observe
            exec: [find, /srv, -name, "*logs"]

        """#)
    ])
}
