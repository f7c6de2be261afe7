import ArgumentParser
import Presentation

struct GraphCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "graph", abstract: "Draws a plan: its steps, what each waits for, its checks and ways back.",
    discussion: """
      Nothing is run or looked up. The picture in SVG is drawn without other programs, and leaves out an arrow where \
      other arrows lead the same way.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case mermaid, dot, svg
  }

  @Argument(help: "The runbook's file, or - for standard input.", completion: .custom(Completions.runbooks))
  var runbook: String

  @OptionGroup var inputs: InputOptions

  @Option(help: "How to draw: mermaid (a flowchart), dot (for Graphviz) or svg (a picture).")
  var format: Format = .mermaid

  func run() throws {
    let graph = PlanGraph(try Compilations.plan(runbook, inputs, ask: false))
    switch format {
    case .mermaid: Terminal.standardOutput.write(MermaidGraph.lines(graph).joined(separator: "\n") + "\n")
    case .dot: Terminal.standardOutput.write(DOTGraph.lines(graph).joined(separator: "\n") + "\n")
    case .svg: Terminal.standardOutput.write(SVGGraph.text(graph))
    }
  }
}
