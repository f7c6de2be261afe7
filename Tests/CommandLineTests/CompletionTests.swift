import BelayTestSupport
import Testing

/// What real shells complete with the scripts that `belay completion` writes.
@Suite struct CompletionTests {
  /// A directory with a runbook, the scripts, and a store with one run of it.
  private struct Place {
    let world = TemporaryDirectory()
    let run: String

    init() throws {
      world.write(
        "greet.yaml",
        """
        belay: 1
        name: greet
        version: 1.0.0
        environments: [staging, production, "$(touch made)"]
        inputs:
          who: {type: string, default: world}
          max-wait: {type: duration, default: 1s}
          token: {type: secret, from: {env: TOKEN}, required: false}
          level: {type: enum, values: [high, low, "$(touch made)", "two words"], default: low}
          loud: {type: bool, default: false}
        steps:
          - {id: hello, effect: observe, exec: ["true"]}
          - {id: goodbye, effect: observe, exec: ["true"]}
        """)
      world.write("greet.txt", "no runbook")
      world.write("belay.yaml", "project: 1\n")
      world.write("grown.yaml", "library: 1\nname: grown\n")
      world.write("grown/up.yaml", "# A comment.\nbelay: 1\nname: up\n")
      world.write("grown/$(touch made).yaml", "belay: 1\nname: made\n")
      for shell in ["bash", "zsh", "fish"] {
        world.write(shell, BelayBinary.run(["completion", shell], store: world.path("store")).output)
      }
      var name: String
      repeat {
        let result = BelayBinary.run(
          ["run", "--quiet", "--environment", "staging", "greet.yaml"], store: world.path("store"),
          directory: world.path)
        try #require(result.status == 0, "\(result.errors)")
        let runs = BelayBinary.run(["runs", "--format", "json"], store: world.path("store")).output
        name = String(try #require(runs.firstMatch(of: /"(?:id|run)": ?"([a-z0-9]{12})"/)).output.1)
        // A shell would first complete the letter that it shares with `last`.
      } while name.hasPrefix("l")
      run = name
    }

    /// What bash offers behind a line that ends where the cursor is; `=` is a word of its own there.
    ///
    /// The search path holds nothing but `belay`, so that another program could not be started unnoticed.
    func bash(_ line: String) -> [String] {
      let script = """
        belay() { "$BELAY" "$@"; }
        PATH=/nowhere
        source ./bash
        COMP_LINE=$1; COMP_POINT=${#1}; COMP_WORDS=(); shift
        COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        __belay_complete_line belay "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf '%s\\n' "${COMPREPLY[@]}"
        """
      let words = line.split(separator: " ", omittingEmptySubsequences: false).flatMap { word in
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return parts.count == 1 ? parts : [parts[0], "="] + (parts[1].isEmpty ? [] : [parts[1]])
      }
      return shell(["/bin/bash", "--norc", "-c", script, "bash", line] + words)
    }

    /// What fish offers.
    func fish(_ line: String) -> [String] {
      shell(["fish", "--no-config", "-c", "source ./fish; complete -C \"$argv[1]\"", line]).map {
        String($0.prefix { $0 != "\t" })
      }
    }

    /// What zsh offers, on a terminal of its own, and what stands on the line if one types on.
    func zsh(_ line: String, typing more: String = "") -> [String] {
      // What follows Tab on the line prints where the offer ends; the echo of its definition is another text.
      let script = """
        zmodload zsh/zpty
        zpty inner zsh -f -i
        zpty -w inner 'PS1=; RPS1=; TERM=dumb; LISTMAX=1000; autoload -Uz compinit; compinit -u -D; source ./zsh'
        zpty -w inner 'over() { print; print -r -- "the-""end" }; zle -N over; bindkey "^X" over; print "be""gin"'
        zpty -r inner seen '*begin*'
        zpty -w -n inner "$1"$'\\t'"$2"$'\\x18'
        zpty -r inner seen '*the-end*'
        print -r -- "$seen"
        zpty -d inner
        """
      let output = shell(["timeout", "60", "zsh", "-f", "-c", script, "zsh", line, more])
      return output.flatMap { $0.split { $0 == " " || $0.isNewline }.map(String.init) }
    }

    private func shell(_ arguments: [String]) -> [String] {
      let result = CommandRunner.run(
        arguments,
        environment: [
          "PATH": TranscriptTests.path, "BELAY": BelayBinary.path, "BELAY_STORE": world.path("store"),
          "HOME": world.path, "LC_ALL": "C.UTF-8", "SWIFT_BACKTRACE": "enable=no",
        ], directory: world.path)
      #expect(result.errors == "")
      return result.output.split(separator: "\n").map(String.init)
    }
  }

  private static func has(_ program: String) -> Bool {
    CommandRunner.run(["sh", "-c", "command -v \(program)"]).status == 0
  }

  @Test("bash completes subcommands, options, files, runs, steps, inputs and environments")
  func bash() throws {
    let place = try Place()
    #expect(place.bash("belay val") == ["validate"])
    #expect(place.bash("belay r").sorted() == ["rehearse", "resume", "rollback", "run", "runs"])
    #expect(place.bash("belay run --dry") == ["--dry-run"])
    #expect(place.bash("belay run g") == ["greet.yaml", "grown/"])
    #expect(place.bash("belay run ") == ["greet.yaml", "grown/", "store/"])
    #expect(place.bash("belay plan grown/") == ["grown/up.yaml"])
    #expect(place.bash("belay graph ./gre") == ["./greet.yaml"])
    #expect(place.bash("belay explain BLY000") == (1...9).map { "BLY000\($0)" })
    #expect(place.bash("belay graph greet.yaml --format ") == ["mermaid", "dot", "svg"])
    #expect(place.bash("belay show ") == ["last", place.run])
    #expect(place.bash("belay show las") == ["last"])
    #expect(place.bash("belay resume \(place.run.prefix(3))") == [place.run])
    #expect(place.bash("belay logs last ") == ["hello", "goodbye"])
    #expect(place.bash("belay logs last g") == ["goodbye"])
    #expect(place.bash("belay eval --run last --step h") == ["hello"])
    #expect(place.bash("belay run greet.yaml -i ") == ["who=", "max-wait=", "level=", "loud="])
    #expect(place.bash("belay run greet.yaml --input m") == ["max-wait="])
    #expect(place.bash("belay plan greet.yaml -i who=x -i ") == ["max-wait=", "level=", "loud="])
    #expect(place.bash("belay run greet.yaml -i level=") == ["high", "low"])
    #expect(place.bash("belay run greet.yaml -i level=h") == ["high"])
    #expect(place.bash("belay run greet.yaml -i who=x -i loud=") == ["true", "false"])
    #expect(place.bash("belay run greet.yaml -i who=") == [])
    #expect(place.bash("belay run greet.yaml -i level=low --environment s") == ["staging"])
    #expect(!TestFile.exists(place.world.path("made")), "nothing that is offered is a command")
    #expect(place.bash("belay run greet.yaml --environment ") == ["staging", "production"])
    #expect(place.bash("belay completion ") == ["bash", "zsh", "fish"])
  }

  @Test("where nothing can be read nothing is offered, and nothing is made")
  func nothingThere() throws {
    let place = try Place()
    #expect(place.bash("belay show --store nowhere ") == [])
    #expect(!TestFile.exists(place.world.path("nowhere")))
    #expect(place.bash("belay logs nosuchrun ") == [])
    #expect(place.bash("belay run missing.yaml -i ") == [])
    #expect(place.bash("belay run greet.txt -i ") == [])
    #expect(place.bash("belay run -i ") == [])
  }

  @Test("fish completes the same", .enabled(if: has("fish"), "fish is not installed"))
  func fish() throws {
    let place = try Place()
    #expect(place.fish("belay val") == ["validate"])
    #expect(place.fish("belay show ").contains(place.run))
    #expect(place.fish("belay logs last ") == ["hello", "goodbye"])
    #expect(place.fish("belay run greet.yaml -i ") == ["who=", "max-wait=", "level=", "loud="])
    #expect(place.fish("belay run greet.yaml -i level=").contains("level=high"))
    #expect(place.fish("belay run greet.yaml --environment ") == ["staging", "production"])
    #expect(place.fish("belay run gr") == ["greet.yaml", "grown/"])
  }

  @Test("zsh completes the same", .enabled(if: has("zsh"), "zsh is not installed"))
  func zsh() throws {
    let place = try Place()
    #expect(place.zsh("belay val").contains("validate"))
    #expect(place.zsh("belay show ").contains(place.run))
    #expect(place.zsh("belay logs last ").contains("goodbye"))
    #expect(place.zsh("belay run greet.yaml -i ").contains("who="))
    // What is completed alone stands on the line, with no blank behind it.
    #expect(place.zsh("belay run greet.yaml -i m", typing: "5s").contains("max-wait=5s"))
    #expect(place.zsh("belay run greet.yaml -i level=h", typing: " -q").contains("level=high"))
    #expect(place.zsh("belay run gro", typing: "u").contains("grown/u"))
    #expect(place.zsh("belay run greet.yaml --environment ").contains("production"))
  }
}
