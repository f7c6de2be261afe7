/// A plan as a graph for Graphviz.
package enum DOTGraph {
  /// The lines.
  package static func lines(_ graph: PlanGraph) -> [String] {
    var lines = [
      "// \(graph.digest)", "digraph runbook {",
      "  label=\(quoted([graph.name, graph.heading])); labelloc=t; rankdir=TB; fontname=\"sans-serif\";",
      "  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\", fontsize=11, margin=\"0.15,0.1\"];",
      "  edge [color=\"#5b6b7f\"];",
    ]
    if !graph.preconditions.isEmpty {
      let text = ["Preconditions"] + graph.preconditions.map { "✓ " + $0 }
      lines.append(
        "  begin [label=\(quoted(text)), shape=note, style=filled, fillcolor=\"#e6f4ea\", color=\"#2e7d4f\"];")
    }
    lines += part(graph.steps, "s", indent: "  ")
    if !graph.preconditions.isEmpty { lines += graph.steps.roots.map { "  begin -> s\($0);" } }
    if !graph.finally.nodes.isEmpty {
      lines.append("  subgraph cluster_finally {")
      lines.append("    label=\"Finally, whatever happened\"; style=dashed; color=\"#5b6b7f\";")
      lines += part(graph.finally, "f", indent: "    ")
      lines.append("  }")
      // One point between many ends and many beginnings.
      lines.append("  end [shape=point, color=\"#5b6b7f\"];")
      lines += graph.steps.sinks.map { "  s\($0) -> end [style=dashed, arrowhead=none];" }
      lines += graph.finally.roots.map { "  end -> f\($0) [style=dashed];" }
    }
    return lines + ["}"]
  }

  private static func part(_ part: PlanGraph.Part, _ prefix: String, indent: String) -> [String] {
    var lines: [String] = []
    for (place, node) in part.nodes.enumerated() {
      var text = ["\(node.name) · \(node.effect.rawValue)"]
      if let title = node.title { text.append(title) }
      text.append(GraphText.cut(node.action, to: 60, 1))
      text += node.notes.map { "\(MermaidGraph.sign($0.kind)) " + GraphText.cut($0.text, to: 60, 1) }
      lines.append("\(indent)\(prefix)\(place) [label=\(quoted(text)), \(look(node))];")
    }
    for (place, needs) in part.needs.enumerated() {
      lines += needs.map { "\(indent)\(prefix)\($0) -> \(prefix)\(place);" }
    }
    return lines
  }

  private static func look(_ node: PlanGraph.Node) -> String {
    let colours =
      switch node.effect {
      case .observe: "fillcolor=\"#eef2f7\", color=\"#5b6b7f\""
      case .change: "fillcolor=\"#fff3d6\", color=\"#a86f00\""
      case .irreversible: "fillcolor=\"#fde3e1\", color=\"#b3261e\", penwidth=3, peripheries=2"
      }
    return node.isConditional ? colours + ", style=\"rounded,filled,dashed\"" : colours
  }

  private static func quoted(_ lines: [String]) -> String {
    let escaped = lines.map { $0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") }
    return "\"\(escaped.joined(separator: "\\n"))\""
  }
}
