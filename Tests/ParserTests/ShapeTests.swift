import Diagnostics
import RunbookParser
import Testing

/// Files that are held to their shapes as a whole.
@Suite struct ShapeTests {
  private static func codes(_ text: String) -> [String] {
    RunbookCompiler.compile(SourceText(name: "test.yaml", text: text)).diagnostics.filter { $0.severity == .error }
      .map { "\($0.code.rawValue) \($0.message)" }
  }

  @Test("a mistake hides no other one, wherever they stand")
  func allAtOnce() {
    let found = Self.codes(
      Compiling.runbook(
        """
          - id: a
            exec: nothing
            timeout: soon
            verify: [{exec: ["true"], evry: 1s}]
            rollback: {exec: ["true"], retry: {delay: 1}}
          - exec: ["true"]
            effect: observe
            env: [A]

        """))
    #expect(
      found == [
        "BLY0104 `exec` is a list: the program and its arguments", "BLY0105 `timeout` is a duration, not `soon`",
        "BLY0101 a check has no key `evry`", "BLY0102 `retry` needs `attempts`",
        "BLY0105 `delay` is a duration, not `1`",
        "BLY0102 a step needs `id`", "BLY0104 `env` is a mapping, not a list",
      ])
  }

  @Test(
    "nothing is taken and ignored",
    arguments: [
      "rollback: {because: it stays, exec: [\"true\"]}", "rollback: {because: it stays, why: x}",
      "rollback: [{because: it stays}]", "rollback: {exec: [\"true\"], effect: observe}",
      "rollback: {exec: [\"true\"], id: back}", "rollback: []",
    ])
  func nothingIsIgnored(rollback: String) {
    let text = Compiling.runbook("  - id: a\n    exec: [\"true\"]\n    repeatable: true\n    \(rollback)\n")
    #expect(!Self.codes(text).isEmpty)
  }

  @Test("what is unknown where one of a few things is wanted is one mistake")
  func unknownChoices() {
    let waits = Compiling.runbook(Compiling.step("a", "preconditions: [{wait: 5s}]"))
    #expect(Self.codes(waits) == ["BLY0101 a precondition has no key `wait`"])
    #expect(
      Self.codes("project: 1\nchannels: {c: {telegraph: {to: x}}}\n") == ["BLY0101 a channel has no key `telegraph`"])
    #expect(Self.codes("project: 1\nchannels: {c: {}}\n").map { $0.prefix(7) } == ["BLY0102"])
    let two = Compiling.runbook("  - {id: a, effect: observe, exec: [a], run: b, nothing: c}\n")
    #expect(Self.codes(two).map { $0.prefix(7) }.sorted() == ["BLY0101", "BLY0117"])
  }

  @Test("a record may hold records, and their keys are looked at")
  func records() {
    let input = "inputs: {a: {type: list, of: {fields: {b: {type: record, fields: {c: int}}}}}}"
    #expect(Self.codes(Compiling.runbook(Compiling.step("a"), head: input)) == [])
    let wrong = "inputs: {a: {type: list, of: {fields: {b: int}, fieldz: {}}}}"
    #expect(Self.codes(Compiling.runbook(Compiling.step("a"), head: wrong)) == ["BLY0101 a field has no key `fieldz`"])
    let secret = "inputs: {a: {type: record, fields: {b: secret}}}"
    #expect(Self.codes(Compiling.runbook(Compiling.step("a"), head: secret)).count == 1)
  }

  @Test("a mark of the byte order before the text is no part of it, and places are right")
  func byteOrderMark() {
    let text = "\u{FEFF}" + Compiling.runbook(Compiling.step("a"))
    #expect(Self.codes(text) == [])
    let other = text.replacing("steps:", with: "stesp:")
    let wrong = RunbookCompiler.compile(SourceText(name: "x.yaml", text: other))
    let found = wrong.diagnostics.first { $0.message.contains("stesp") }
    #expect(found.map { other.utf8.dropFirst(Int($0.span.start)).starts(with: "stesp".utf8) } == true)
  }

  @Test("a check that nothing uses is looked at all the same")
  func unusedChecks() {
    let head = "checks:\n  a: {exec: [x], expect: result.exit ==}\n  b: {exec: [\"${{ nope }}\"]}\n  c: {check: c}\n"
    let found = Self.codes(Compiling.runbook(Compiling.step("a"), head: head))
    #expect(found.count == 3, "\(found)")
  }

  @Test("values in lists, maps and records are read as their types say, never guessed")
  func typesInside() throws {
    let head = """
      inputs:
        versions: {type: list, of: string, default: [1.10, no]}
        waits: {type: map, of: duration, default: {a: 5m}}
        host: {type: record, fields: {name: string, port: int}, default: {name: 007, port: 22}}
      """
    let step =
      "  - {id: a, effect: observe, exec: [echo, \"${{ inputs.versions.join(' ') }} ${{ inputs.waits.a }} ${{ inputs.host.name }}\"]}\n"
    let plan = try #require(Compiling.plan(Compiling.runbook(step, head: head)))
    #expect("\(plan.steps[0].action)".contains("1.10 no 300s 007"), "\(plan.steps[0].action)")
    let wrong = Self.codes(Compiling.runbook(step, head: head.replacing("port: 22", with: "port: ssh")))
    #expect(wrong.first?.contains("`host`.port") == true, "\(wrong)")
  }

  @Test(
    "an output that may be absent is asked about first, in what a group or a runbook gives too",
    arguments: [
      "  - {id: a, effect: observe, exec: [a], outputs: {n: {type: string, value: result.stdout}}, on-failure: {undo: step, then: continue}}\n"
        + "  - {id: b, effect: observe, exec: [b, \"${{ steps.a.outputs.n }}\"]}\n",
      "  - id: g\n    steps:\n      - {id: a, effect: observe, when: inputs.x, exec: [a], outputs: {n: {type: string, value: result.stdout}}}\n"
        + "    outputs: {n: {type: string, value: steps.a.outputs.n}}\n",
    ])
  func absentOutputs(steps: String) {
    let head = "inputs: {x: {type: bool, default: true}}\n"
    #expect(Self.codes(Compiling.runbook(steps, head: head)).contains { $0.hasPrefix("BLY0114") })
    let asked = steps.replacing(
      "value: steps.a.outputs.n", with: "value: \"has(steps.a.outputs.n) ? steps.a.outputs.n : ''\""
    )
    .replacing("${{ steps.a.outputs.n }}", with: "${{ has(steps.a.outputs.n) ? steps.a.outputs.n : '' }}")
    #expect(Self.codes(Compiling.runbook(asked, head: head)) == [])
  }

  @Test("a title shows what is known at planning, and its expressions are checked")
  func titles() throws {
    let head = "inputs: {who: {type: string, default: ada}}\n"
    let step = "  - {id: a, title: \"Tell ${{ inputs.who }}\", effect: observe, exec: [a]}\n"
    #expect(Compiling.plan(Compiling.runbook(step, head: head))?.steps[0].title == "Tell ada")
    let wrong = Self.codes(Compiling.runbook(step.replacing("inputs.who", with: "nope"), head: head))
    #expect(wrong == ["BLY0112 there is no `nope` here"])
  }

  @Test(
    "what has values in it is none itself",
    arguments: ["toJson(inputs) != ''", "inputs[run.environment] == ''", "size(toJson(steps)) > 0"])
  func wholes(when: String) {
    let head = "inputs: {who: {type: string, default: ada}}\n"
    let found = Self.codes(
      Compiling.runbook("  - {id: a, when: \"\(when)\", effect: observe, exec: [a]}\n", head: head))
    #expect(found.count == 1 && found[0].contains("alone is no value"), "\(found)")
  }
}
