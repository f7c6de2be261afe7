import Diagnostics

extension RuleDescription {
  static let shellCheck = RuleDescription(
    .shellCheck, .warning, "ShellCheck found something in a script",
    explanation: #"""
      With `--shellcheck`, `belay validate` asks the program of that name about every `run` script for a shell
      that it knows. Its errors are errors; its warnings and hints are warnings, its remarks on style are left
      out. Variables that `env` sets count as assigned, and files that a script sources are not looked for. A
      comment in the script, `# shellcheck disable=SC2086`, silences a finding.
      """#,
    bad: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: look
            effect: observe
            run: |
              file=/srv/a b
              cat «$file»

        """#, asked: .shellCheck)
    ],
    good: [
      Example(
        #"""
        belay: 1
        name: example
        version: 1.0.0
        steps:
          - id: look
            effect: observe
            run: |
              file="/srv/a b"
              cat "$file"

        """#)
    ])
}
