import Diagnostics

extension RuleDescription {
  static let notYAML = RuleDescription(
    .notYAML, .error, "The file is not YAML",
    explanation: #"""
      The file cannot be read as YAML, so that nothing more can be said about it. Most often a text holds `: ` or
      begins with one of `[ { " ' ! & * % @` and needs quotes.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        title: Deploy«:» the fast way

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        title: "Deploy: the fast way"
        steps:
          - id: look
            effect: observe
            exec: [df]

        """#)
    ])
}
