import Diagnostics

extension RuleDescription {
  static let notNeeded = RuleDescription(
    .notNeeded, .error, "A step reads another one that does not surely come before it",
    explanation: #"""
      What a step gives can be read only by steps that need it, directly or through others. Without that the two
      may run at the same time or the other way round, and the value would be there on some days only.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: measure
            effect: observe
            exec: [date, +%s]
            outputs: {now: {type: int, value: "int(result.lines[0])"}}
          - id: show
            needs: []
            effect: observe
            exec: [echo, "${{ «steps.measure.outputs.now» }}"]

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: measure
            effect: observe
            exec: [date, +%s]
            outputs: {now: {type: int, value: "int(result.lines[0])"}}
          - id: show
            needs: [measure]
            effect: observe
            exec: [echo, "${{ steps.measure.outputs.now }}"]

        """#)
    ])
}
