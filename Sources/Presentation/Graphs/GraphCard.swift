/// A step as a card: its texts in lines, cut to the card's width.
struct GraphCard {
  /// One line with its sign.
  struct Row {
    var kind: PlanGraph.Note.Kind
    var text: String
  }

  static let width = 288.0
  static let row = 17.0
  private static let inner = width - 28
  /// How many notes of one kind are shown.
  private static let shown = 3

  var node: PlanGraph.Node
  var name: String
  var title: [String]
  var action: String
  var rows: [Row]

  init(_ node: PlanGraph.Node) {
    self.node = node
    name = GraphText.cut(node.name, to: Self.inner - 84, 7.6)
    title = node.title.map { GraphText.wrapped($0, to: Self.inner, 6.4, lines: 2) } ?? []
    action = GraphText.cut(node.action, to: Self.inner, 6.3)
    rows = []
    for kind in [PlanGraph.Note.Kind.condition, .gate, .check, .wayBack, .noWayBack] {
      let notes = node.notes.filter { $0.kind == kind }
      for note in notes.prefix(notes.count > Self.shown ? Self.shown - 1 : Self.shown) {
        rows.append(Row(kind: kind, text: GraphText.cut(note.text, to: Self.inner - 20, 6.1)))
      }
      if notes.count > Self.shown { rows.append(Row(kind: kind, text: "and \(notes.count - Self.shown + 1) more")) }
    }
  }

  var height: Double {
    let lines = Double(title.count) * Self.row + Self.row + Double(rows.count) * Self.row
    return 30 + lines + (rows.isEmpty ? 8 : 14)
  }

  /// All that is known of the step, for who points at the card.
  var tooltip: String {
    ([node.name, node.title ?? "", node.action] + node.notes.map { "\(MermaidGraph.sign($0.kind)) \($0.text)" })
      .filter { !$0.isEmpty }.joined(separator: "\n")
  }
}
