import Diagnostics

extension RuleDescription {
  static let effectUnsaid = RuleDescription(
    .effectUnsaid, .error, "What a person does has no effect said",
    explanation: #"""
      Only the author knows whether the person looks at something or changes it.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: balancer
            «manual»: Look at the lamps of the load balancer

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: balancer
            manual: Look at the lamps of the load balancer
            effect: observe

        """#)
    ])
}
