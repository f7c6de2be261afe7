import Diagnostics

extension RuleDescription {
  static let unknownRole = RuleDescription(
    .unknownRole, .error, "A role or a person is not known",
    explanation: #"""
      Who may answer is said by roles, and a role names people. Both stand in the project's file, `belay.yaml`: people
      under `people`, each with the `login` under which they work unless that is the name itself, and under `roles` who
      has which.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: fence
            effect: observe
            manual: {text: Look at the fencing device, from: [«sre-lead»]}

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: fence
            effect: observe
            manual: {text: Look at the fencing device, from: [sre-lead]}

        """#,
        project: [
          "belay": #"""
          project: 1
          people:
            alice: {login: alice.example}
            bob: {}
          roles:
            sre-lead: [alice, bob]

          """#
        ])
    ])
}
