import BelayTestSupport
import CanonicalJSON
import Diagnostics
import Expressions
import RunbookParser
import Testing

/// What planning makes of a runbook.
@Suite struct PlanTests {
  private static let everything: String = {
    TestFile.read(DiagnosticTests.folder + "/good-everything.yaml") ?? ""
  }()

  @Test("Invariant 9: the same text and inputs give the same bytes, and every part of them is in the digest")
  func invariant9_theSamePlanHasTheSameBytes() throws {
    let first = try #require(Compiling.plan(Self.everything, environment: "staging", inputs: ["count": "3"]))
    let second = try #require(Compiling.plan(Self.everything, environment: "staging", inputs: ["count": "3"]))
    #expect(first.encoded().canonicalBytes() == second.encoded().canonicalBytes())
    #expect(first.digest == second.digest)
    #expect(first.digest.count == 64)
    let others = [
      try #require(Compiling.plan(Self.everything, environment: "production", inputs: ["count": "3"])),
      try #require(Compiling.plan(Self.everything, environment: "staging", inputs: ["count": "4"])),
      try #require(
        Compiling.plan(
          Self.everything.replacing("echo, \"${{ values", with: "printf, \"${{ values"), environment: "staging",
          inputs: ["count": "3"])),
    ]
    #expect(Set(others.map(\.digest) + [first.digest]).count == 4)
  }

  @Test("Invariant 9: diagnostics come in one order, whatever order the mistakes were found in")
  func invariant9_diagnosticsAreOrdered() throws {
    let bytes = try #require(TestFile.bytes(DiagnosticTests.folder + "/BLY0109-cycles.yaml"))
    let found = RunbookCompiler.compile(SourceText(name: "x", bytes: bytes)).diagnostics
    let places = found.map { ($0.source.name, $0.span, $0.code) }
    for (a, b) in zip(places, places.dropFirst()) { #expect(a <= b) }
    let shuffled = Array(found.reversed()).sortedForDisplay()
    #expect(shuffled.map(\.message) == found.map(\.message))
  }

  /// Steps whose expression has no value, with the condition that keeps it from being reached.
  private static let unreachable = [
    ("WHEN, effect: observe, exec: [echo, '${{ inputs.names[7] }}']", "size(inputs.names) > 5"),
    ("WHEN, effect: observe, exec: ['${{ inputs.names.map(name, inputs.names[7]) }}']", "size(inputs.names) > 5"),
    ("WHEN, steps: [{id: inner, effect: observe, exec: [echo, '${{ inputs.names[7] }}']}]", "inputs.names == []"),
    ("repeatable: true, exec: ['true'], rollback: {WHEN, exec: [echo, '${{ inputs.names[7] }}']}", "1 > 2"),
  ]

  @Test("what stands under a `when` that is known to be false needs no value", arguments: unreachable)
  func neverReached(step: String, condition: String) {
    func plan(when condition: String) -> RunPlan? {
      Compiling.plan(
        "belay: 1\nname: x\nversion: 1.0.0\ninputs: {names: {type: list, of: string, default: [a]}}\n"
          + "steps:\n  - {id: a, \(step.replacing("WHEN", with: "when: \"\(condition)\""))}\n")
    }
    #expect(plan(when: condition) != nil)
    #expect(plan(when: "size(inputs.names) > 0") == nil, "reached, it is a mistake")
  }

  @Test("a plan read back from its JSON is the same plan")
  func codingIsLossless() throws {
    let plan = try #require(Compiling.plan(Self.everything, environment: "staging"))
    let text = try JSON.parse(plan.encoded().canonicalBytes())
    let again = try RunPlan(decoding: text)
    #expect(again == plan)
    #expect(again.digest == plan.digest)
  }

  @Test("a plan that was tampered with is refused or has another digest")
  func tamperingShows() throws {
    let plan = try #require(Compiling.plan(Self.everything, environment: "staging"))
    let text = String(decoding: plan.encoded().canonicalBytes(), as: UTF8.self)
    let changed = try RunPlan(decoding: try JSON.parse(text.replacing("hello demo", with: "hello dema")))
    #expect(changed.digest != plan.digest)
    #expect(throws: PlanCodingError.self) {
      try RunPlan(decoding: try JSON.parse(text.replacing("\"form\":1", with: "\"form\":2")))
    }
  }

  @Test("steps come after what they need, and else in the order of the file")
  func orderIsStable() throws {
    let plan = try #require(
      Compiling.plan(
        Compiling.runbook(
          Compiling.step("d", "needs: [b, c]") + Compiling.step("a", "needs: []") + Compiling.step("c", "needs: [a]")
            + Compiling.step("b", "needs: [a]"))))
    #expect(plan.steps.map(\.id) == ["a", "c", "b", "d"])
    #expect(plan.steps[3].needs == [1, 2])
  }

  @Test("without `needs` a step needs the one before it")
  func defaultNeeds() throws {
    let plan = try #require(
      Compiling.plan(
        Compiling.runbook(Compiling.step("a") + Compiling.step("b") + Compiling.step("c", "needs: []"))))
    #expect(plan.steps.map(\.needs) == [[], [0], []])
  }

  @Test("texts over inputs and constants alone are folded; what a step gives is not")
  func textsAreFolded() throws {
    let plan = try #require(Compiling.plan(Self.everything, environment: "staging", inputs: ["name": "other"]))
    guard case .program(let program) = plan.steps[0].action, case .exec(let words) = program.command else {
      Issue.record("the first step starts a program")
      return
    }
    #expect(words.dropFirst().first == .word(.literal("hello other")))
    #expect(words.last == .word(.literal("${{ stays }}")))
  }

  @Test("inputs of every type take their values from texts")
  func inputsAreRead() throws {
    let plan = try #require(
      Compiling.plan(
        Self.everything, environment: "staging",
        inputs: [
          "count": "5", "ratio": "2.5", "on": "false", "wait": "1m30s", "room": "10M", "since": "2026-02-03T04:05:06Z",
          "level": "high", "hosts": "[\"x\"]", "labels": "{\"b\": 2}",
          "service": "{\"name\": \"web\", \"replicas\": 1}", "anything": "[1, {\"a\": null}]",
        ]))
    let values = Dictionary(uniqueKeysWithValues: plan.inputs.map { ($0.name, $0.content) })
    #expect(values["count"] == .value(.int(5)))
    #expect(values["ratio"] == .value(.double(2.5)))
    #expect(values["on"] == .value(.bool(false)))
    #expect(values["wait"] == .value(.duration(ExactDuration(milliseconds: 90_000))))
    #expect(values["room"] == .value(.int(10_000_000)))
    #expect(values["level"] == .value(.string("high")))
    #expect(values["hosts"] == .value(.list([.string("x")])))
    #expect(values["token"] == .secret(.env("TOKEN")))
  }

  @Test(
    "a value that is not of its input's type is refused",
    arguments: [
      ("count", "six"), ("count", "9"), ("ratio", "much"), ("on", "yes"), ("wait", "5"), ("room", "big"),
      ("since", "yesterday"), ("level", "middle"), ("hosts", "[1]"), ("labels", "{\"a\": \"b\"}"),
      ("service", "{\"name\": \"x\"}"), ("anything", "{"), ("name", "Upper"),
    ])
  func wrongInputsAreRefused(name: String, text: String) {
    let compilation = Compiling.compile(Self.everything, environment: "staging", inputs: [name: text])
    #expect(compilation.plan == nil)
    #expect(compilation.diagnostics.contains { $0.code.rawValue == "BLY0123" && $0.message.contains("`\(name)`") })
  }

  @Test("an unknown input, a secret given, a missing one, and an environment that is none")
  func otherInputMistakes() {
    func codes(_ compilation: Compilation) -> [String] { compilation.diagnostics.map(\.code.rawValue) }
    #expect(codes(Compiling.compile(Self.everything, environment: "staging", inputs: ["cuont": "3"])) == ["BLY0124"])
    #expect(codes(Compiling.compile(Self.everything, environment: "staging", inputs: ["token": "x"])) == ["BLY0115"])
    #expect(codes(Compiling.compile(Self.everything)) == ["BLY0125"])
    #expect(codes(Compiling.compile(Self.everything, environment: "moon")) == ["BLY0125"])
    let needy = Compiling.compile(Compiling.runbook(Compiling.step("a"), head: "inputs: {who: {type: string}}"))
    #expect(codes(needy) == ["BLY0126"])
    #expect(needy.missing.map(\.name) == ["who"])
  }

  @Test("inputs from a file are typed by the runbook, and their mistakes point into the file")
  func inputsFile() throws {
    let file = SourceText(name: "inputs.yaml", text: "count: 4\nhosts: [a, b, c]\nwait: 5s\n")
    let (inputs, problems) = RunbookCompiler.inputsFile(file)
    #expect(problems.isEmpty)
    let source = SourceText(name: "runbook.yaml", text: Self.everything)
    let plan = RunbookCompiler.compile(source, request: PlanRequest(environment: "staging", inputs: inputs)).plan
    #expect(plan?.inputs.first { $0.name == "count" }?.content == .value(.int(4)))
    let wrong = SourceText(name: "inputs.yaml", text: "count: many\n")
    let found = RunbookCompiler.compile(
      source, request: PlanRequest(environment: "staging", inputs: RunbookCompiler.inputsFile(wrong).inputs))
    #expect(found.diagnostics.first?.source.name == "inputs.yaml")
  }

  @Test("a default may rest on an earlier input, and constants on both")
  func defaultsAndConstants() throws {
    let plan = try #require(
      Compiling.plan(
        Compiling.runbook(
          "  - {id: a, effect: observe, exec: [echo, \"${{ values.both }}\"]}\n",
          head: """
            inputs:
              first: {type: string, default: one}
              second: {type: string, default: "${{ inputs.first }}-two"}
              count: {type: int, default: "${{ size(inputs.first) }}"}
            values:
              both: {type: string, value: "inputs.first + inputs.second + string(inputs.count)"}
            """), inputs: ["first": "uno"]))
    #expect(plan.values == [NamedValue(name: "both", value: .string("unouno-two3"))])
  }

  @Test("a plan of 100,000 steps in a chain needs no deep stack")
  func longChains() throws {
    var steps = ""
    for index in 0..<100_000 { steps += "  - {id: s\(index), effect: observe, exec: [x]}\n" }
    let plan = try #require(Compiling.plan(Compiling.runbook(steps)))
    #expect(plan.steps.count == 100_000)
  }

  @Test("what is known at planning stands in a text as what it gave, beside what is not")
  func partlyKnownTexts() throws {
    let text = Compiling.runbook(
      """
        - id: clean
          for-each: "['a', 'b']"
          effect: observe
          exec: [ls, "${{ inputs.dir }}/${{ item }}", "$${{ x }} ${{ inputs.dir }} ${{ run.id }}", "${{ inputs.money }}${{ run.id }}"]

      """, head: "inputs: {dir: {type: string, default: /srv}, money: {type: string, default: $}}")
    let plan = try #require(Compiling.plan(text))
    guard case .forEach(let each) = plan.steps[0].action, case .program(let program) = each.template.action,
      case .exec(let words) = program.command
    else {
      Issue.record("no program")
      return
    }
    let sources = words.compactMap { (word: ProgramArgument) -> String? in
      guard case .word(.template(let template)) = word else { return nil }
      return template.source
    }
    #expect(
      sources.suffix(3) == [
        "/srv/${{ item }}", "$${{ x }} /srv ${{ run.id }}", "${{ inputs.money }}${{ run.id }}",
      ])
    #expect(try RunPlan(decoding: plan.encoded()).digest == plan.digest)
  }

  @Test("what a named check is given stands in its texts, as far as it is known at planning")
  func partlyKnownChecks() throws {
    let head = """
      inputs: {who: {type: string, default: ada}}
      checks:
        inner: {with: {x: string}, exec: [inner, "${{ with.x }}"]}
        knows:
          with: {host: string, port: int, ports: {type: list, of: int}, later: string}
          title: "Is ${{ with.host }} there?"
          all:
            - exec: [ping, "${{ with.host }}:${{ with.port }}", "${{ with.ports }}", "${{ with.later }} of ${{ with.host }}"]
            - {check: inner, with: {x: "${{ with.host }}-${{ inputs.who }}"}}
      preconditions:
        - check: knows
          with: {host: "${{ inputs.who }}.example", port: 22, ports: [1, 2], later: "${{ run.id }}"}
      """
    let plan = try #require(Compiling.plan(Compiling.runbook(Compiling.step("a"), head: head)))
    let check = plan.preconditions[0].check
    #expect(check.title == "Is ada.example there?")
    guard case .all(let parts) = check.probe, case .program(let first) = parts[0].probe,
      case .program(let second) = parts[1].probe, case .exec(let words) = first.command,
      case .exec(let inner) = second.command, case .word(.template(let last)) = words[4]
    else {
      Issue.record("\(check.probe)")
      return
    }
    #expect(
      words.prefix(4) == [
        .word(.literal("ping")), .word(.literal("ada.example:22")), .word(.literal("1")), .word(.literal("2")),
      ])
    #expect(last.source == "${{ with.later }} of ada.example")
    #expect(inner == [.word(.literal("inner")), .word(.literal("ada.example-ada"))])
    #expect(try RunPlan(decoding: plan.encoded()).digest == plan.digest)
  }

  @Test("what the steps of a repetition give is a list of its type, and no part of the scope is a value")
  func listsOfItems() {
    func problems(_ assertion: String, _ more: String = "") -> [String] {
      let text = Compiling.runbook(
        """
          - {id: a, for-each: "[1, 2]", effect: observe, exec: [echo], outputs: {o: {type: int, value: item}}\(more)}
          - {id: b, assert: "\(assertion)"}

        """)
      return Compiling.compile(text).diagnostics.filter { $0.severity == .error }.map(\.message)
    }
    #expect(problems("steps.a.outputs.o[0] == 1 && steps.a.status == 'succeeded'") == [])
    #expect(problems("steps.a.outputs.o[0] == 'x'") == ["int and string are never equal"])
    #expect(problems("steps.a.outputs.o[0] == null", ", on-failure: continue") == [])
    #expect(problems("steps.a[0].outputs.o == 1") == ["`steps.a` alone is no value"])
    #expect(problems("size(steps.a.outputs) == 1") == ["`steps.a.outputs` alone is no value"])
  }
}
