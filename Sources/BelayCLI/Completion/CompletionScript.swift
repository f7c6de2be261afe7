import ArgumentParser

/// What a shell is told, so that it completes the words of a command line.
enum CompletionScript {
  /// The shells.
  enum Shell: String, ExpressibleByArgument, CaseIterable {
    case bash, zsh, fish
  }

  /// The script for a shell: subcommands and options are in it, and for names it asks `belay`.
  static func text(for shell: Shell) -> String {
    switch shell {
    case .bash: bash(BelayCommand.completionScript(for: .bash))
    case .zsh: zsh(BelayCommand.completionScript(for: .zsh))
    case .fish: fish(BelayCommand.completionScript(for: .fish))
    }
  }

  /// Bash puts a blank behind what it completed, and takes it for a file's name: not where a value follows `=`.
  private static func bash(_ script: String) -> String {
    script.replacing(
      "complete -o filenames -F _belay belay",
      with: """
        __belay_complete_line() {
            _belay "${@}"
            if [[ "${COMPREPLY[0]}" = *= ]]; then
                compopt +o filenames -o nospace 2> /dev/null
            fi
        }

        complete -o filenames -F __belay_complete_line belay
        """)
  }

  /// Zsh does so too, without taking it for a file's name.
  private static func zsh(_ script: String) -> String {
    script.replacing(
      "    if [[ \"${#completions[@]}\" -gt 1 ]]; then\n",
      with: """
            if [[ "${completions[1]}" = *= ]]; then
                compadd -S '' -- "${completions[@]:0:-1}"
            elif [[ "${#completions[@]}" -gt 1 ]]; then

        """)
  }

  /// Fish tells the cursor's place in a word on a terminal only, and what is offered does not depend on it.
  private static func fish(_ script: String) -> String {
    script.replacing("(__belay_tokens -tC)", with: "0")
  }
}
