/// A plan as a flowchart for Mermaid.
package enum MermaidGraph {
  /// The lines.
  package static func lines(_ graph: PlanGraph) -> [String] {
    var lines = [
      "%% \(graph.digest)", "flowchart TD", "  accTitle: \(escaped(graph.name))",
      "  accDescr: \(escaped(graph.heading))",
    ]
    if !graph.preconditions.isEmpty {
      let text = graph.preconditions.map { "✓ " + escaped($0) }.joined(separator: "<br/>")
      lines.append("  begin[[\"<b>Preconditions</b><br/>\(text)\"]]:::gate")
    }
    lines += part(graph.steps, "s", indent: "  ")
    if !graph.preconditions.isEmpty {
      lines += graph.steps.roots.map { "  begin --> s\($0)" }
    }
    if !graph.finally.nodes.isEmpty {
      lines.append("  subgraph finally [\"Finally, whatever happened\"]")
      lines += part(graph.finally, "f", indent: "    ")
      lines.append("  end")
      lines += graph.steps.sinks.map { "  s\($0) -.-> finally" }
    }
    return lines + [
      "  classDef observe fill:#eef2f7,stroke:#5b6b7f,color:#17202b",
      "  classDef change fill:#fff3d6,stroke:#a86f00,color:#2b2005",
      "  classDef irreversible fill:#fde3e1,stroke:#b3261e,stroke-width:4px,color:#370b08",
      "  classDef gate fill:#e6f4ea,stroke:#2e7d4f,color:#0c2a18",
      "  classDef conditional stroke-dasharray:6 4",
    ]
  }

  private static func part(_ part: PlanGraph.Part, _ prefix: String, indent: String) -> [String] {
    var lines: [String] = []
    for (place, node) in part.nodes.enumerated() {
      var text = ["<b>\(escaped(node.name))</b> · \(node.effect.rawValue)"]
      if let title = node.title { text.append(escaped(title)) }
      text.append(escaped(GraphText.cut(node.action, to: 60, 1)))
      text += node.notes.map { "\(sign($0.kind)) " + escaped(GraphText.cut($0.text, to: 60, 1)) }
      let label = "\"\(text.joined(separator: "<br/>"))\""
      lines.append("\(indent)\(prefix)\(place)\(shape(node, label)):::\(node.effect.rawValue)")
      if node.isConditional { lines.append("\(indent)class \(prefix)\(place) conditional") }
    }
    for (place, needs) in part.needs.enumerated() {
      lines += needs.map { "\(indent)\(prefix)\($0) --> \(prefix)\(place)" }
    }
    return lines
  }

  /// A step that asks somebody or something first has slanted sides; a point of no return has double ones.
  private static func shape(_ node: PlanGraph.Node, _ label: String) -> String {
    if node.effect == .irreversible { return "[[\(label)]]" }
    return node.notes.contains { $0.kind == .gate } ? "{{\(label)}}" : "[\(label)]"
  }

  static func sign(_ kind: PlanGraph.Note.Kind) -> String {
    switch kind {
    case .condition: "?"
    case .gate: "◇"
    case .check: "✓"
    case .wayBack: "↩"
    case .noWayBack: "⊘"
    }
  }

  /// Everything but letters, digits and a few harmless signs by its number, as the notation has it.
  private static func escaped(_ text: String) -> String {
    var output = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", " ", ".", ",", "-", "_", "/", ":", "+", "!", "=":
        output.unicodeScalars.append(scalar)
      case _ where scalar.value >= 0x80: output.unicodeScalars.append(scalar)
      default: output += "#\(scalar.value);"
      }
    }
    return output
  }
}
