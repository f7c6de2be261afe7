import Diagnostics

extension RuleDescription {
  static let secretPlace = RuleDescription(
    .secretPlace, .error, "A secret stands where it could be seen",
    explanation: #"""
      An argument list can be read by every process of the machine, and messages are kept in the log. A secret
      therefore stands only as a whole, as `"${{ inputs.token }}"`, in `env`, `input`, a header or a body, and is
      never given on the command line.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs: {token: {type: secret, from: {env: TOKEN}}}
        steps:
          - id: look
            effect: observe
            exec: [curl, -H, "Authorization: ${{ «inputs.token» }}", "https://example.com/"]

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs: {token: {type: secret, from: {env: TOKEN}}}
        steps:
          - id: look
            http: {url: "https://example.com/", headers: {Authorization: "${{ inputs.token }}"}}

        """#)
    ])
}
