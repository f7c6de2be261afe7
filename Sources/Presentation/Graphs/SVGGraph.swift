/// A plan as a picture, drawn in layers from top to bottom.
package struct SVGGraph {
  private static let margin = 28.0
  private static let gap = 26.0
  /// Between two layers.
  private static let between = 46.0
  private static let least = 640.0

  private var writer = SVGWriter()
  private var bottom = SVGGraph.margin
  private let graph: PlanGraph

  /// The picture.
  package static func text(_ graph: PlanGraph) -> String {
    var picture = SVGGraph(graph: graph)
    picture.draw()
    return picture.writer.output
  }

  private init(graph: PlanGraph) { self.graph = graph }

  private mutating func draw() {
    let steps = Drawing(graph.steps)
    let finally = Drawing(graph.finally)
    let width = max(Self.least, steps.width, finally.width) + 2 * Self.margin
    heading(width)
    if !graph.steps.nodes.isEmpty { draw(steps, width) }
    if !graph.finally.nodes.isEmpty {
      rule("Finally, whatever happened", width)
      draw(finally, width)
    }
    legend()
    bottom += Self.margin - 8
    let body = writer.output
    writer = SVGWriter()
    let size = "\(SVGWriter.number(width)) \(SVGWriter.number(bottom))"
    writer.line(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(SVGWriter.number(width))\" "
        + "height=\"\(SVGWriter.number(bottom))\" viewBox=\"0 0 \(size)\" role=\"img\" aria-labelledby=\"title\">")
    writer.line("<title id=\"title\">\(SVGWriter.escaped(graph.name)): \(SVGWriter.escaped(graph.heading))</title>")
    writer.line("<desc>Plan \(SVGWriter.escaped(graph.digest))</desc>")
    for line in GraphStyle.lines { writer.line(line) }
    writer.line("<rect class=\"paper\" width=\"100%\" height=\"100%\"/>")
    writer.line(String(body.dropLast()))
    writer.line("</svg>")
  }

  // MARK: Around the steps

  private mutating func heading(_ width: Double) {
    writer.text(GraphText.cut(graph.heading, to: width - 2 * Self.margin, 10.4), Self.margin, bottom + 18, "heading")
    writer.text("\(graph.name)  ·  plan \(graph.digest.prefix(16))", Self.margin, bottom + 38, "small")
    bottom += 56
    guard !graph.preconditions.isEmpty else { return }
    let shown = graph.preconditions.count > 12 ? 11 : graph.preconditions.count
    var lines = graph.preconditions.prefix(shown).map { GraphText.cut($0, to: Self.least - 60, 6.1) }
    if graph.preconditions.count > shown { lines.append("and \(graph.preconditions.count - shown) more") }
    let height = Double(lines.count) * GraphCard.row + 38
    writer.box(Self.margin, bottom, Self.least, height, "card gate")
    writer.text("Before the first step", Self.margin + 14, bottom + 21, "name")
    for (index, line) in lines.enumerated() {
      let y = bottom + 40 + Double(index) * GraphCard.row
      sign(.gate, Self.margin + 20, y - 4)
      writer.text(line, Self.margin + 34, y, "note")
    }
    bottom += height + 34
  }

  private mutating func rule(_ text: String, _ width: Double) {
    bottom += 26
    writer.line(
      "<line class=\"rule\" x1=\"\(SVGWriter.number(Self.margin))\" y1=\"\(SVGWriter.number(bottom))\" "
        + "x2=\"\(SVGWriter.number(width - Self.margin))\" y2=\"\(SVGWriter.number(bottom))\"/>")
    writer.text(text, Self.margin, bottom + 24, "name")
    bottom += 44
  }

  private mutating func legend() {
    bottom += 34
    var x = Self.margin
    var y = bottom
    func place(_ text: String) -> Double {
      let width = 30 + GraphText.width(text, 6.2) + 18
      if x + width > Self.margin + Self.least {
        x = Self.margin
        y += 24
      }
      defer { x += width }
      return x
    }
    let boxes = [
      ("card observe", "observes"), ("card change", "changes"), ("card irreversible", "point of no return"),
      ("card observe conditional", "only if"),
    ]
    for (style, text) in boxes {
      let x = place(text)
      writer.box(x, y - 8, 20, 13, style, corner: 3)
      writer.text(text, x + 28, y + 3, "note")
    }
    let signs: [(PlanGraph.Note.Kind, String)] = [
      (.gate, "gate: a precondition or a person"), (.check, "verified"), (.wayBack, "undone by"),
      (.noWayBack, "not undone"),
    ]
    for (kind, text) in signs {
      let x = place(text)
      sign(kind, x + 10, y - 1)
      writer.text(text, x + 24, y + 3, "note")
    }
    bottom = y + 14
  }

  // MARK: Steps

  /// The steps of one part with their places.
  private struct Drawing {
    var cards: [GraphCard]
    var layers: LayeredGraph
    var placement: GraphPlacement

    init(_ part: PlanGraph.Part) {
      cards = part.nodes.map(GraphCard.init)
      layers = LayeredGraph(needs: part.needs)
      placement = GraphPlacement(layers, width: GraphCard.width, gap: SVGGraph.gap)
    }

    var width: Double { placement.total }
  }

  private mutating func draw(_ drawing: Drawing, _ width: Double) {
    let left = (width - drawing.width) / 2
    var tops: [Double] = []
    var ends: [Double] = []
    for layer in drawing.layers.layers {
      let height = layer.compactMap { drawing.layers.places[$0].node.map { drawing.cards[$0].height } }.max() ?? 0
      tops.append(bottom)
      ends.append(bottom + height)
      bottom += height + Self.between
    }
    bottom -= Self.between
    func point(_ place: Int) -> (x: Double, top: Double, card: Double, end: Double) {
      let found = drawing.layers.places[place]
      let top = tops[found.layer]
      let height = found.node.map { drawing.cards[$0].height }
      return (left + drawing.placement.centres[place], top, height.map { top + $0 } ?? top, ends[found.layer])
    }
    writer.line("<g class=\"edges\">")
    for (place, found) in drawing.layers.places.enumerated() {
      let from = point(place)
      for below in found.below {
        let to = point(below)
        edge(from, to, hasArrow: drawing.layers.places[below].node != nil)
      }
    }
    for (upper, lower) in drawing.layers.straight { edge(point(upper), point(lower), hasArrow: true) }
    writer.line("</g>")
    for (place, found) in drawing.layers.places.enumerated() {
      guard let node = found.node else { continue }
      let spot = point(place)
      draw(drawing.cards[node], spot.x - GraphCard.width / 2, spot.top)
    }
  }

  /// From below a card, past the others of its layer, to the next layer.
  private mutating func edge(
    _ from: (x: Double, top: Double, card: Double, end: Double),
    _ to: (x: Double, top: Double, card: Double, end: Double), hasArrow: Bool
  ) {
    let number = SVGWriter.number
    let end = hasArrow ? to.top - 3 : to.top
    var path = "M\(number(from.x)) \(number(from.card))"
    if from.end > from.card { path += "V\(number(from.end))" }
    if from.x == to.x {
      path += "V\(number(end))"
    } else {
      let middle = (from.end + to.top) / 2
      path += "C\(number(from.x)) \(number(middle)) \(number(to.x)) \(number(middle)) \(number(to.x)) \(number(end))"
    }
    writer.line("<path d=\"\(path)\"\(hasArrow ? " marker-end=\"url(#arrow)\"" : "")/>")
  }

  private mutating func draw(_ card: GraphCard, _ x: Double, _ y: Double) {
    let node = card.node
    let style = "card \(node.effect.rawValue)" + (node.isConditional ? " conditional" : "")
    writer.line("<g><title>\(SVGWriter.escaped(card.tooltip))</title>")
    writer.box(x, y, GraphCard.width, card.height, style)
    if node.effect == .irreversible {
      writer.box(x + 4, y + 4, GraphCard.width - 8, card.height - 8, "inner irreversible", corner: 5)
    }
    writer.text(card.name, x + 14, y + 21, "name")
    writer.text(node.effect.rawValue, x + GraphCard.width - 14, y + 21, "effect \(node.effect.rawValue)", anchor: "end")
    var line = y + 22
    for title in card.title {
      line += GraphCard.row
      writer.text(title, x + 14, line, "title")
    }
    line += GraphCard.row
    writer.text(card.action, x + 14, line, "action")
    line += 5
    for row in card.rows {
      line += GraphCard.row
      sign(row.kind, x + 20, line - 4)
      writer.text(row.text, x + 34, line, "note")
    }
    writer.line("</g>")
  }

  private mutating func sign(_ kind: PlanGraph.Note.Kind, _ x: Double, _ y: Double) {
    let name =
      switch kind {
      case .condition: "condition"
      case .gate: "gate"
      case .check: "check"
      case .wayBack: "back"
      case .noWayBack: "noback"
      }
    writer.line("<use href=\"#\(name)\" x=\"\(SVGWriter.number(x))\" y=\"\(SVGWriter.number(y))\"/>")
  }
}
