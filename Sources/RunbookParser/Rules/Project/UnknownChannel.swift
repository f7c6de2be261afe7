import Diagnostics

extension RuleDescription {
  static let unknownChannel = RuleDescription(
    .unknownChannel, .error, "A channel is not declared",
    explanation: #"""
      People are told over the channels that stand under `channels` in the project's file, `belay.yaml`.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: tell
            notify: {channel: «incidents», message: It begins}

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: tell
            notify: {channel: incidents, message: It begins}

        """#,
        project: [
          "belay": #"""
          project: 1
          channels:
            incidents: {command: [logger, -t, incidents]}

          """#
        ])
    ])
}
