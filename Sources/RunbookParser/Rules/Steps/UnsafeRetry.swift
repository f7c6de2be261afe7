import Diagnostics

extension RuleDescription {
  static let unsafeRetry = RuleDescription(
    .unsafeRetry, .error, "A change is retried though nobody knows whether it took effect",
    explanation: #"""
      An attempt that failed may have taken effect all the same: the answer was lost, not the work. A retry is
      safe where `applied` tells whether the change is there, or `repeatable: true` says that twice is as once.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: charge
            http: {method: POST, url: "https://shop.example.com/charges", json: {amount: 5}}
            «retry»: {attempts: 3}
            verify: [{http: {url: "https://shop.example.com/charges/latest"}}]
            rollback: none
            because: The customer is told.

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: charge
            http: {method: PUT, url: "https://shop.example.com/charges/4711", json: {amount: 5}}
            repeatable: true
            retry: {attempts: 3}
            verify: [{http: {url: "https://shop.example.com/charges/4711"}}]
            rollback: none
            because: The customer is told.

        """#)
    ])
}
