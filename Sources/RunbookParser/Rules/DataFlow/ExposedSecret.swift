import Diagnostics

extension RuleDescription {
  static let exposedSecret = RuleDescription(
    .exposedSecret, .warning, "A script lets a secret out",
    explanation: #"""
      A script gets a secret through `env`. It should not print it, trace its commands with `set -x`, or hand it
      to a program as an argument, where every process of the machine can read it. What programs write is redacted
      before it is kept, but only as far as the secret stands in it whole, plain or in a common encoding: cut in two, or
      encoded twice, it is not recognised. Into a pipe or a file a secret may be printed.
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
            env: {TOKEN: "${{ inputs.token }}"}
            run: |
              echo «"token: $TOKEN"»
              header="Authorization: Bearer $TOKEN"
              curl --silent --header «"$header"» https://example.com/

        """#),
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs: {token: {type: secret, from: {env: TOKEN}}}
        steps:
          - id: look
            effect: observe
            env: {TOKEN: "${{ inputs.token }}"}
            run: |
              set «-x»
              registry-login

        """#),
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
            effect: observe
            env: {TOKEN: "${{ inputs.token }}"}
            run: |
              [ -n "$TOKEN" ] || { echo "the token is empty, ${#TOKEN} characters" >&2; exit 1; }
              printf 'Authorization: Bearer %s' "$TOKEN" | curl --silent --header @- https://example.com/

        """#)
    ])
}
