import Diagnostics

extension RuleDescription {
  static let cycle = RuleDescription(
    .cycle, .error, "Steps need each other, or a check holds itself",
    explanation: #"""
      None of the steps of a cycle could ever start. Every cycle is shown with the steps that lie on it.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: first
            needs: [«second»]
            effect: observe
            exec: [df]
          - id: second
            needs: [first]
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
          - id: first
            effect: observe
            exec: [df]
          - id: second
            needs: [first]
            effect: observe
            exec: [free]

        """#)
    ])
}
