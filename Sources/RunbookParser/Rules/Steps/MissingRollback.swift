import Diagnostics

extension RuleDescription {
  static let missingRollback = RuleDescription(
    .missingRollback, .error, "A change does not say how it is undone",
    explanation: #"""
      Whoever writes a step knows best how to take it back, and the moment of a failure is a bad one to find out.
      So a step that changes something says it: a way back, or `rollback: none` with the reason that the change
      stays, or `effect: irreversible` for a point of no return. Programs, scripts and requests other than GET and
      HEAD count as changes unless the step says `effect: observe`.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: move
            «exec»: [mv, -n, /srv/old, /srv/new]
            repeatable: true
            verify: [{exec: [test, -e, /srv/new]}]

        """#),
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: tell
            http: {method: POST, url: "https://chat.example.com/hooks/1", body: The release begins}
            repeatable: true
            verify: [{http: {url: "https://chat.example.com/health"}}]
            rollback: «none»

        """#),
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: move
            exec: [mv, -n, /srv/old, /srv/new]
            repeatable: true
            verify: [{exec: [test, -e, /srv/new]}]
            rollback: {exec: [mv, -n, /srv/new, /srv/old], repeatable: true}
          - id: tell
            http: {method: POST, url: "https://chat.example.com/hooks/1", body: It is moved}
            repeatable: true
            verify: [{http: {url: "https://chat.example.com/health"}}]
            rollback: none
            because: A message cannot be unsent.

        """#)
    ])
}
