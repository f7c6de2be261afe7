import Diagnostics
import RunbookParser
import Testing

/// Warnings about commands, in argument lists and in scripts.
@Suite struct CautionTests {
  /// The warnings of a code that a step with a script brings.
  private static func warnings(
    _ code: String, script: String, effect: String = "observe", shell: String = "bash"
  ) -> [Diagnostic] {
    let lines = script.split(separator: "\n", omittingEmptySubsequences: false).map { "      " + $0 }
    let text = Compiling.runbook(
      """
        - id: step
          effect: \(effect)
          shell: \(shell)
          env: {TOKEN: "${{ inputs.token }}", PLAIN: "1"}
          run: |
      \(lines.joined(separator: "\n"))

      """, head: "inputs: {token: {type: secret, from: {env: TOKEN}}}")
    let found = Compiling.compile(text).diagnostics
    #expect(!found.hasErrors, "\(found.map(\.message)) in \(text)")
    return found.filter { $0.code.rawValue == code }
  }

  private static func warnings(_ code: String, exec: String, more: String = "") -> [Diagnostic] {
    let found = Compiling.compile(
      Compiling.runbook("  - {id: step, effect: observe, exec: \(exec)\(more)}\n")
    ).diagnostics
    #expect(!found.hasErrors, "\(found.map(\.message))")
    return found.filter { $0.code.rawValue == code }
  }

  /// The text that a warning marks.
  private static func marked(_ diagnostic: Diagnostic?) -> String? {
    diagnostic.map {
      String(decoding: $0.source.bytes[Int($0.span.start)..<Int($0.span.end)], as: UTF8.self)
    }
  }

  // MARK: Changes

  @Test(
    "what seems to change something is marked in a script",
    arguments: [
      ("rm -rf /srv/x", "rm"), ("/bin/rm x", "/bin/rm"), ("if true; then\n  mv a b\nfi", "mv"),
      ("while read -r x; do rm \"$x\"; done < list", "rm"), ("x=$(kubectl --context c delete pod p)", "delete"),
      ("echo \"$(systemctl restart web)\"", "restart"), ("true && ! systemctl stop web", "stop"),
      ("a=1 b=2 sudo -u root env X=y timeout -k 5 10 systemctl start web", "start"),
      ("bash -c 'rm -f x'", "'rm -f x'"), ("find . -print0 | xargs -0 -n 1 rm -f", "rm"),
      ("psql -Atc \"delete from t\"", "\"delete from t\""),
      ("psql --command='DROP TABLE t'", "--command='DROP TABLE t'"),
      ("case $PLAIN in\n  1) rm x ;;\nesac", "rm"), ("f() { rm x; }\nf", "rm"), ("echo `rm x`", "rm"),
      ("cat <<E\nrm nothing\nE\nrm something", "rm"), ("sed -i s/a/b/ x", "-i"), ("curl -XDELETE http://x", "-XDELETE"),
      ("kubectl --context=c rollout restart deployment/web", "restart"), ("diff <(rm x) y", "rm"),
      ("kubectl --context c exec web-1 -- rm -f x", "rm"), ("grep x # not\nrm y", "rm"),
    ])
  func marksChanges(script: String, word: String) {
    let found = Self.warnings("BLY0151", script: script)
    #expect(found.count == 1, "\(script): \(found.map(\.message))")
    #expect(Self.marked(found.first) == word, "\(script)")
  }

  @Test(
    "what only looks is let be",
    arguments: [
      "echo rm -rf x", "grep -q 'rm x' file", "# rm x", "echo 'a\nrm x'", "cat <<'E'\nrm x\nE", "kill -0 \"$PLAIN\"",
      "kubectl --context c get pods", "kubectl --context c delete pod p --dry-run=server",
      "kubectl --context c rollout status deployment/web", "systemctl is-active web", "psql -c 'select 1'",
      "psql -c 'create temp table t (a int); select 1'", "t=$(mktemp); ls > \"$t\"; rm -f \"$t\"",
      "docker ps | awk '{ print $1 }'", "git status", "curl -X POST http://x", "a=(rm x)\necho \"${a[@]}\"",
      "echo \"(rm x)\"", "for x in rm mv; do echo \"$x\"; done", "sed -n s/a/b/p x", "[[ $PLAIN > rm ]]",
      "echo $((1 > rm))", "echo x\\\n  rm",
    ])
  func letsLooksBe(script: String) {
    #expect(Self.warnings("BLY0151", script: script).map(\.message) == [])
  }

  @Test("a step that changes is not warned of changing") func changesMayChange() {
    let found = Compiling.compile(Compiling.runbook("  - {id: step, effect: irreversible, run: rm -rf x}\n"))
      .diagnostics
    #expect(!found.contains { $0.code.rawValue == "BLY0151" })
  }

  @Test("argument lists, checks everywhere and standard input are looked at") func placesOfChanges() {
    #expect(Self.warnings("BLY0151", exec: "[sudo, -n, rm, x]").count == 1)
    #expect(Self.warnings("BLY0151", exec: "[\"true\"]", more: ", preconditions: [{exec: [rm, x]}]").count == 1)
    #expect(Self.warnings("BLY0151", exec: "[\"true\"]", more: ", verify: [{not: {any: [{run: rm x}]}}]").count == 1)
    #expect(Self.warnings("BLY0151", exec: "[psql, -X]", more: ", input: drop table t").count == 1)
    #expect(Self.warnings("BLY0151", exec: "[psql, -X]", more: ", input: select 1").isEmpty)
    #expect(Self.warnings("BLY0151", exec: "[\"${{ run.id }}\", rm]").isEmpty)
    #expect(Self.warnings("BLY0151", script: "rm x", shell: "python3").isEmpty)
  }

  // MARK: kubectl

  @Test(
    "kubectl names its context, or asks no cluster",
    arguments: [
      ("kubectl get pods", 1), ("kubectl --context x get pods", 0), ("kubectl get pods --context=x", 0),
      ("kubectl config current-context", 0), ("kubectl version --client", 0), ("kubectl version", 1),
      ("kubectl \"${OPTIONS[@]}\" get pods", 0), ("\"${KUBECTL[@]}\" get pods", 0), ("x=$(kubectl get ns)", 1),
      ("kubectl exec web -- env --context", 1), ("kubectl -n a get pod | kubectl apply -f -", 2),
      ("echo kubectl get", 0),
    ])
  func namesContext(script: String, count: Int) {
    #expect(Self.warnings("BLY0152", script: script, effect: "irreversible").count == count, "\(script)")
  }

  // MARK: Secrets

  @Test(
    "a secret that a script lets out is marked",
    arguments: [
      ("echo \"$TOKEN\"", "\"$TOKEN\""), ("printf '%s' x${TOKEN}y", "x${TOKEN}y"), ("echo $TOKEN >&2", "$TOKEN"),
      ("copy=$TOKEN\necho \"${copy%x}\"", "\"${copy%x}\""), ("export A=\"b$TOKEN\"\ncurl -H \"$A\" http://x", "\"$A\""),
      ("curl -u \"me:$TOKEN\" http://x > /dev/null", "\"me:$TOKEN\""), ("set -eux", "-eux"), ("cat <<< $TOKEN", "cat"),
      ("cat <<E\n$TOKEN\nE\ntrue", "cat"), ("x=$(curl -H \"$TOKEN\" http://x)", "\"$TOKEN\""),
      ("echo \"$TOKEN\" 2> /dev/null", "\"$TOKEN\""),
    ])
  func marksSecrets(script: String, word: String) {
    let found = Self.warnings("BLY0153", script: script)
    #expect(found.count == 1, "\(script): \(found.map(\.message))")
    #expect(Self.marked(found.first) == word, "\(script)")
  }

  @Test(
    "a secret that stays inside is let be",
    arguments: [
      "echo \"$TOKEN\" | login --password-stdin", "printf '%s' \"$TOKEN\" > file", "x=$(echo \"$TOKEN\" | sha256sum)",
      "echo '$TOKEN'", "echo \\$TOKEN", "echo \"${#TOKEN}\"", "echo \"${TOKEN:+is set}\"", "[ -n \"$TOKEN\" ]",
      "[[ $TOKEN == a* ]]", "echo \"$PLAIN\"", "login <<< \"$TOKEN\"", "cat <<'E'\n$TOKEN\nE", "set -eu", "login",
      "f() { true; }\nf \"$TOKEN\"", "printf -v header 'x %s' \"$TOKEN\"", "echo \"$TOKEN\" &> /dev/null",
    ])
  func letsSecretsBe(script: String) {
    #expect(Self.warnings("BLY0153", script: script).map(\.message) == [])
  }

  // MARK: Verification

  @Test("a change is covered by what needs it and looks, directly or through others") func coverage() {
    func uncovered(_ steps: String) -> [String] {
      Compiling.compile(Compiling.runbook(steps)).diagnostics.filter { $0.code.rawValue == "BLY0150" }.map {
        Self.marked($0) ?? ""
      }
    }
    func change(_ id: String, _ rest: String = "") -> String {
      "  - {id: \(id), effect: irreversible, repeatable: true, exec: [touch, x]\(rest)}\n"
    }
    #expect(uncovered(change("a") + change("b")) == ["a", "b"])
    #expect(uncovered(change("a") + change("b") + Compiling.step("look")) == [])
    #expect(uncovered(change("a") + change("b", ", needs: []") + Compiling.step("look")) == ["a"])
    #expect(uncovered(change("a") + "  - {id: pause, wait: 1s}\n") == ["a"])
    #expect(uncovered(change("a") + "  - {id: pause, wait: 1s}\n" + Compiling.step("look")) == [])
    #expect(uncovered(change("a") + change("b", ", verify: [{exec: [\"true\"]}]")) == [])
  }

  @Test("a script takes time linear in its length", .timeLimit(.minutes(1)))
  func isLinear() {
    let pieces = [
      "$(", "<(", "`", "${", "\"$(", "rm x\n", "cat <<E\n", "a=(", "kubectl get\n", "echo $TOKEN\n", "((", "|",
    ]
    for piece in pieces {
      let script = String(repeating: piece, count: 10_000).replacing("\n", with: "\n      ")
      let found = Compiling.compile(
        Compiling.runbook("  - id: a\n    effect: observe\n    run: |\n      : \(script)\n"))
      #expect(found.diagnostics.count < 200)
    }
  }

  @Test("a script of nothing but signs is read to its end") func survivesAnything() {
    let signs = ["$(", "${", "`", "\"", "'", "<<E", "<(", "((", "\\", "|", "&>", "<<<", "$", "a=(", ")", "}", "#", "x"]
    var seed: UInt64 = 1
    for _ in 0..<3000 {
      var script = ":"
      for _ in 0..<12 {
        seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        script += signs[Int(seed >> 33) % signs.count] + (seed >> 20 & 3 == 0 ? "\n" : "")
      }
      // Whatever it finds, it comes to an end and its places lie in the file.
      let lines = script.split(separator: "\n", omittingEmptySubsequences: false).map { "      " + $0 }
      let text = "  - id: a\n    effect: observe\n    run: |\n" + lines.joined(separator: "\n") + "\n"
      let found = Compiling.compile(Compiling.runbook(text))
      #expect(found.diagnostics.allSatisfy { Int($0.span.end) <= $0.source.bytes.count })
    }
  }
}
