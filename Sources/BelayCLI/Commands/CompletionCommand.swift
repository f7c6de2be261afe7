import ArgumentParser

struct CompletionCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion", abstract: "Writes a script with which a shell completes command lines.",
    discussion: """
      Completed are subcommands, options, runbooks' files, runs, steps of a run, and a runbook's inputs and environments.

      bash: source <(belay completion bash), in ~/.bashrc
      zsh: belay completion zsh > DIR/_belay, for a DIR in $fpath
      fish: belay completion fish > ~/.config/fish/completions/belay.fish
      """)

  @Argument(help: "The shell: bash, zsh or fish.")
  var shell: CompletionScript.Shell

  func run() {
    let script = CompletionScript.text(for: shell)
    Terminal.standardOutput.write(script.hasSuffix("\n") ? script : script + "\n")
  }
}
