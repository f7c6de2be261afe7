import Diagnostics

extension RuleDescription {
  static let expressionInScript = RuleDescription(
    .expressionInScript, .error, "An expression stands in a script",
    explanation: #"""
      Its value would be pasted into code: a value with a quote, a blank or `$(…)` in it would become commands. It
      reaches the script as a variable, through `env`.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs: {name: {type: string, default: world}}
        steps:
          - id: greet
            effect: observe
            run: echo "hello ${{ «inputs.name» }}"

        """#)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        inputs: {name: {type: string, default: world}}
        steps:
          - id: greet
            effect: observe
            env: {NAME: "${{ inputs.name }}"}
            run: echo "hello $NAME"

        """#)
    ])
}
