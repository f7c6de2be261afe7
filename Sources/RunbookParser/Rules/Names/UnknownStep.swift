import Diagnostics

extension RuleDescription {
  static let unknownStep = RuleDescription(
    .unknownStep, .error, "A step that is needed does not exist",
    explanation: #"""
      `needs` names steps of the same list. The nearest name that exists is suggested.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: prepare
            effect: observe
            exec: [df]
          - id: look
            needs: [«prepair»]
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
          - id: prepare
            effect: observe
            exec: [df]
          - id: look
            needs: [prepare]
            effect: observe
            exec: [free]

        """#)
    ])
}
