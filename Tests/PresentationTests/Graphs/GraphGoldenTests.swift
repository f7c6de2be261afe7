import BelayTestSupport
import Diagnostics
import RunbookParser
import Testing

@testable import Presentation

/// Each runbook in `Golden` with its pictures.
@Suite struct GraphGoldenTests {
  static let folder = BelayBinary.projectRoot + "/Tests/PresentationTests/Graphs/Golden"
  static let names = GoldenFile.names(in: folder, suffix: ".yaml")

  /// The graph of a runbook, its digest aside, which is no matter of pictures.
  static func graph(_ text: String) throws -> PlanGraph {
    let compilation = RunbookCompiler.compile(
      SourceText(name: "runbook.yaml", text: text), request: PlanRequest(environment: nil, inputs: []))
    var graph = PlanGraph(try #require(compilation.plan, "\(compilation.diagnostics.map(\.message))"))
    graph.digest = String(repeating: "0123456789abcdef", count: 4)
    return graph
  }

  @Test("pictures are what they were", arguments: names)
  func pictures(name: String) throws {
    let graph = try Self.graph(try #require(TestFile.read("\(Self.folder)/\(name).yaml")))
    let pictures = [
      ("mmd", MermaidGraph.lines(graph).joined(separator: "\n") + "\n"),
      ("dot", DOTGraph.lines(graph).joined(separator: "\n") + "\n"), ("svg", SVGGraph.text(graph)),
    ]
    for (suffix, picture) in pictures {
      if let difference = GoldenFile.difference(picture, from: "\(Self.folder)/\(name).\(suffix)") {
        Issue.record("\(difference)")
      }
    }
  }

  @Test("nothing of a runbook is markup in a picture")
  func texts() throws {
    let graph = try Self.graph(try #require(TestFile.read("\(Self.folder)/everything.yaml")))
    let svg = SVGGraph.text(graph)
    #expect(!svg.contains("<b>"))
    #expect(!svg.contains("<all>"))
    #expect(svg.contains("&lt;b&gt;markup&lt;/b&gt;"))
    let mermaid = MermaidGraph.lines(graph).joined(separator: "\n")
    #expect(!mermaid.contains("<c>"))
    #expect(!mermaid.contains("`d`"))
    // A quote in a label would end it.
    for line in mermaid.split(separator: "\n") where line.contains("[\"") {
      #expect(line.count { $0 == "\"" } == 2, "\(line)")
    }
  }

  @Test("what stands inside a step is in every picture, with its gates, checks and ways back")
  func inside() throws {
    let graph = try Self.graph(try #require(TestFile.read("\(Self.folder)/inside.yaml")))
    #expect(graph.steps.nodes.map(\.name) == ["before", "both", "both/one", "both/two", "each", "each[…]", "after"])
    #expect(graph.steps.needs == [[], [0], [1], [1], [2, 3], [4], [5]])
    let dot = DOTGraph.lines(graph).joined(separator: "\n")
    for picture in [dot, MermaidGraph.lines(graph).joined(separator: "\n"), SVGGraph.text(graph)] {
      for text in ["both/one", "confirm: Go on", "is-one", "unone", "It is there"] {
        #expect(picture.contains(text), "\(text)")
      }
    }
  }

  @Test("every tag of the picture is closed")
  func wellFormed() throws {
    let svg = SVGGraph.text(try Self.graph(try #require(TestFile.read("\(Self.folder)/everything.yaml"))))
    var open: [Substring] = []
    for tag in svg.matches(of: /<(\/?)([a-z]+)([^<>]*?)(\/?)>/) {
      switch (tag.output.1.isEmpty, tag.output.4.isEmpty) {
      case (false, _): #expect(open.popLast() == tag.output.2)
      case (true, true): open.append(tag.output.2)
      case (true, false): break
      }
    }
    #expect(open.isEmpty)
  }
}
