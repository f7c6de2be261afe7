import Expressions
import Testing

@Suite struct TemplateTests {
  private static let values: [String: Value] = [
    "name": .string("db"), "count": .int(3), "wait": .duration(ExactDuration(milliseconds: 300_000)),
    "at": .timestamp(Timestamp(seconds: 1_768_187_640)), "things": .list([.int(1), .string("a")]),
    "pairs": .map(ValueMap([(.string("k"), .map(ValueMap([(.string("n"), .int(1))])))])),
    "u": .unknown(Unknown(sources: ["steps.a"])), "v": .unknown(Unknown(sources: ["steps.b"])),
    "half": .list([.unknown(Unknown(sources: ["steps.a"]))]),
  ]

  private func text(_ source: String) throws -> Value {
    try TemplateText.parse(source).get().evaluate(in: Names(values: Self.values))
  }

  @Test(
    "expressions take their place in the text",
    arguments: [
      ("", ""), ("plain", "plain"), ("${{ name }}", "db"), ("a ${{ name }} b ${{ count }}", "a db b 3"),
      ("${{name}}${{name}}", "dbdb"), ("${{ wait }} at ${{ at }}", "300s at 2026-01-12T03:14:00Z"),
      ("${{ things }}", #"[1,"a"]"#), ("${{ pairs }}", #"{"k":{"n":1}}"#), ("${{ {'a': {'b': 1}}.a.b }}", "1"),
      ("${{ '}}' }}", "}}"), ("${{ \"}}\" + '''}}''' + r'\\' }}", "}}}}\\"), ("${{ {} }}", "{}"), ("${{{}}}", "{}"),
      ("$${{ name }}", "${{ name }}"), ("$$${{ name }}", "$${{ name }}"), ("$ {{ name }}", "$ {{ name }}"),
      ("${ name }", "${ name }"), ("costs $5", "costs $5"), ("$", "$"), ("}}", "}}"),
      ("a $${{ b ${{ name }}", "a ${{ b db"),
      ("${{ name\n // }} is no end\n + '!' }}", "db!"), ("h\u{E9} ${{ name }} \u{1F431}", "h\u{E9} db \u{1F431}"),
      ("${{ optional.none() }}", "null"), ("${{ 1.0 }} ${{ true }} ${{ null }}", "1 true null"),
    ])
  func evaluation(source: String, expected: String) throws { #expect(try text(source) == .string(expected)) }

  @Test("a text with something unknown in it is unknown")
  func unknowns() throws {
    #expect(try text("a ${{ u }}") == .unknown(Unknown(sources: ["steps.a"])))
    #expect(try text("${{ v }} ${{ name }} ${{ u }}") == .unknown(Unknown(sources: ["steps.a", "steps.b"])))
    #expect(try text("${{ half }}") == .unknown(Unknown(sources: ["steps.a"])))
    #expect(throws: EvaluationError.self) { try text("${{ missing }}") }
  }

  @Test("a template knows its parts")
  func parts() throws {
    let template = try TemplateText.parse("a ${{ name }}$${{ b").get()
    #expect(
      template.parts == [
        .literal("a "), .expression(try Expression.parse("name").get(), offset: 6), .literal("${{ b"),
      ])
    #expect(!template.isLiteral)
    #expect(template.literal == nil)
    #expect(template.expressions.map(\.source) == ["name"])
    #expect(template.soleExpression == nil)
    #expect(try TemplateText.parse("${{  list  }}").get().soleExpression?.source == "list")
    #expect(try TemplateText.parse(" ${{ list }}").get().soleExpression == nil)
    #expect(try TemplateText.parse("$${{ x }}").get().literal == "${{ x }}")
    #expect(try TemplateText.parse("").get().isLiteral)
    #expect(try TemplateText.parse("a").get() != TemplateText.parse("b").get())
  }

  private func problems(_ source: String) -> [ExpressionProblem] {
    guard case .failure(let errors) = TemplateText.parse(source) else { return [] }
    return errors.problems
  }

  @Test("every mistake is reported at its bytes in the whole text")
  func mistakes() {
    #expect(problems("ab ${{ name").map(\.range) == [3..<6])
    #expect(problems("\u{E9} ${{ 1 + }} ${{ 5s }} c").map(\.range) == [10..<10, 18..<20])
    #expect(problems("${{ }}").map(\.range) == [3..<4])
    #expect(problems("${{ name )}}").map(\.range) == [9..<10])
    #expect(problems("${{ 'open }}").map(\.range) == [4..<12])
    #expect(problems("${{ {'a': 1} ").map(\.range) == [0..<3])
  }

  @Test("checking a template shifts what it finds")
  func checking() throws {
    let template = try TemplateText.parse("a ${{ nane }} ${{ 7 / x }}").get()
    let result = template.check(in: Types(["name": .string, "x": .int]))
    #expect(result.type == .string)
    #expect(result.problems.map(\.range) == [6..<10])
    #expect(result.problems.map(\.suggestion) == ["name"])
    #expect(result.warnings.map(\.range) == [18..<23])
    let optional = try TemplateText.parse("a ${{ r.?x }}").get()
    #expect(optional.check(in: Types(["r": .map(.string, .string)])).warnings.map(\.range) == [6..<10])
    #expect(template.paths.map(\.range) == [6..<10, 22..<23])
  }

  @Test("pieces make the template that reads as them, or none")
  func pieces() throws {
    let a = TemplateText.Part.expression(try Expression.parse("a + 1").get(), offset: 0)
    func source(_ pieces: [TemplateText.Part]) -> String? { TemplateText.of(pieces)?.source }
    #expect(source([.literal("x "), .literal("y "), a, .literal(" z")]) == "x y ${{ a + 1 }} z")
    #expect(source([.literal("${{ b }} "), a]) == "$${{ b }} ${{ a + 1 }}")
    #expect(source([a, a]) == "${{ a + 1 }}${{ a + 1 }}")
    #expect(source([.literal(""), a]) == "${{ a + 1 }}")
    #expect(source([.literal("$"), a]) == nil, "the dollar would make it a text")
    #expect(source([.literal("$${{ b }}")]).map { try? TemplateText.parse($0).get().literal } == "$${{ b }}")
  }
}
