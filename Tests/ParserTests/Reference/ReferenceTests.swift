import BelayTestSupport
import Diagnostics
import Presentation
import Testing

@testable import Expressions
@testable import RunbookParser

/// The language's reference, held to the language.
@Suite struct ReferenceTests {
  @Test("every example validates without a warning", arguments: ReferencePages.files)
  func example(example: ReferencePages.Example) {
    let source = SourceText(name: example.place, text: example.file)
    let found = RunbookCompiler.compile(source, project: ReferenceProject()).diagnostics
    #expect(found.isEmpty, "\(DiagnosticTextRenderer(colour: false).render(found))\n\(example.file)")
  }

  @Test("every fence says what it holds, as tests know it")
  func fences() {
    #expect(ReferencePages.files.count > 30)
    #expect(ReferencePages.expressions.count > 8)
    let known: Set = ["yaml", "yaml steps", "yaml checks", "yaml keys", "cel"]
    for example in ReferencePages.examples {
      #expect(known.contains(example.words.joined(separator: " ")), "\(example.place)")
    }
  }

  @Test("every example of an expression gives what it says", arguments: ReferencePages.expressions)
  func expression(example: ReferencePages.Example) throws {
    for line in example.text.split(separator: "\n") {
      let sides = try #require(line.firstRange(of: " => "), "\(example.place): \(line)")
      let left = evaluated(String(line[..<sides.lowerBound]))
      let right = String(line[sides.upperBound...])
      switch (left, right) {
      case (.failure, "error"): break
      case (.success(let value), "error"): Issue.record("\(line)\ngives \(value.rendered)")
      case (.failure(let problem), _): Issue.record("\(line)\nerrs: \(problem.message)")
      case (.success(let value), _):
        let wanted = try evaluated(right).get()
        #expect(value.celEquals(wanted) && value.typeName == wanted.typeName, "\(line)\ngives \(value.rendered)")
      }
    }
  }

  private func evaluated(_ text: String) -> Result<Value, EvaluationError> {
    guard case .success(let expression) = Expression.parse(text) else {
      return .failure(EvaluationError("it cannot be read"))
    }
    do throws(EvaluationError) {
      return .success(try expression.evaluate(in: Nothing()))
    } catch {
      return .failure(error)
    }
  }

  @Test("every function and every macro has an example")
  func functions() {
    let examples = ReferencePages.expressions.map(\.text).joined()
    let macros = [
      "all", "exists", "exists_one", "existsOne", "filter", "map", "sortBy", "optMap", "optFlatMap", "cel.bind", "has",
    ]
    for name in Builtin.allCases.map(\.rawValue) + macros {
      #expect(examples.contains("\(name)("), "\(name) has no example")
      #expect(ReferencePages.pages.contains { $0.text.contains("`") && $0.text.contains("\(name)(") })
    }
  }

  @Test("each kind of mapping has a table of just its keys", arguments: MappingKind.allCases)
  func keys(kind: MappingKind) throws {
    // What differs only in the values of its keys has no table of its own.
    let same: [MappingKind: MappingKind] = [
      .probe: .http, .runPrecondition: .precondition, .innerCheck: .check,
    ]
    guard same[kind] == nil else { return }
    let marker = "<!-- keys: \(kind.rawValue) -->"
    let holders = ReferencePages.pages.filter { $0.text.contains(marker) }
    let page = try #require(holders.first, "no page has \(marker)")
    #expect(holders.count == 1)
    let rest = try #require(page.text.firstRange(of: marker).map { page.text[$0.upperBound...] })
    var listed: [String] = []
    let lines = rest.split(separator: "\n", omittingEmptySubsequences: false)
    for row in lines.dropFirst(3).prefix(while: { $0.hasPrefix("|") }) {
      let cell = row.dropFirst().prefix { $0 != "|" }
      listed += cell.matches(of: /`([a-z-]+)`/).map { String($0.output.1) }
    }
    #expect(Set(listed).count == listed.count, "\(kind): a key stands twice")
    #expect(Set(listed) == Set(kind.keys), "\(kind)")
  }

  @Test("every link of the reference leads somewhere")
  func links() {
    for page in ReferencePages.pages {
      let folder = BelayBinary.projectRoot + "/" + page.path.split(separator: "/").dropLast().joined(separator: "/")
      for match in page.text.matches(of: /\]\(([^)#:]*)(#[^)]*)?\)/) {
        let path = String(match.output.1)
        let target = path.isEmpty ? BelayBinary.projectRoot + "/" + page.path : folder + "/" + path
        #expect(TestFile.exists(target), "\(page.path): \(path)")
        guard let anchor = match.output.2.map({ String($0.dropFirst()) }), let text = TestFile.read(target) else {
          continue
        }
        let headings = text.split(separator: "\n").filter { $0.hasPrefix("#") }.map { line in
          line.drop { $0 == "#" }.dropFirst().lowercased().filter {
            $0.isLetter || $0.isNumber || $0 == " " || $0 == "-"
          }
          .replacing(" ", with: "-")
        }
        #expect(headings.contains(anchor) || text.contains("<a id=\"\(anchor)\">"), "\(page.path): \(path)#\(anchor)")
      }
    }
  }
}

/// No names at all.
private struct Nothing: Scope {
  func resolve(_ path: [String]) throws(EvaluationError) -> (value: Value, consumed: Int)? { nil }
}
