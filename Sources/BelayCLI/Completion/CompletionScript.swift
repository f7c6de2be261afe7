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

  /// Bash takes `=` for a word of its own, puts a blank behind what it completed, and takes it for a file's name: here a word
  /// is what stands between blanks, and where a value follows `=`, or is one, it is neither.
  private static func bash(_ script: String) -> String {
    script.replacing(
      "complete -o filenames -F _belay belay",
      with: #"""
        __belay_complete_line() {
            local raw="${COMP_WORDS[COMP_CWORD]}" rest="${COMP_LINE}" word
            local -a words=()
            local -i place current=0
            for ((place = 0; place < ${#COMP_WORDS[@]}; place++)); do
                word="${COMP_WORDS[place]}"
                if [[ "${place}" -gt 0 && -n "${word}" && "${rest}" != [[:space:]]* ]]; then
                    words[${#words[@]}-1]+="${word}"
                else
                    words+=("${word}")
                fi
                [[ "${place}" -le "${COMP_CWORD}" ]] && current="$((${#words[@]} - 1))"
                rest="${rest#"${rest%%[![:space:]]*}"}"
                rest="${rest#"${word}"}"
            done
            local -a COMP_WORDS=("${words[@]}")
            local -i COMP_CWORD="${current}"
            _belay "${1}" "${words[current]}" "${words[current - 1]}"
            [[ "${raw}" = [=:] ]] && raw=''
            local lead="${words[current]%"${raw}"}"
            COMPREPLY=("${COMPREPLY[@]#"${lead}"}")
            if [[ "${COMPREPLY[0]}" = *= ]]; then
                compopt +o filenames -o nospace 2> /dev/null
            elif [[ "${lead}" = *= ]]; then
                compopt +o filenames 2> /dev/null
            fi
        }

        complete -o filenames -F __belay_complete_line belay
        """#)
  }

  /// Zsh does so too, without taking it for a file's name; nor is a directory the end of a path.
  private static func zsh(_ script: String) -> String {
    script.replacing(
      "    if [[ \"${#completions[@]}\" -gt 1 ]]; then\n",
      with: #"""
            local -ar offered=("${completions[@]:0:-1}")
            local -ar open=("${(M)offered[@]:#*[=/]}")
            if [[ "${#open[@]}" -gt 0 ]]; then
                compadd -S '' -- "${open[@]}"
                compadd -- "${offered[@]:#*[=/]}"
            elif [[ "${#completions[@]}" -gt 1 ]]; then

        """#)
  }

  /// Fish tells the cursor's place in a word on a terminal only, and what is offered does not depend on it.
  private static func fish(_ script: String) -> String {
    script.replacing("(__belay_tokens -tC)", with: "0")
  }
}
