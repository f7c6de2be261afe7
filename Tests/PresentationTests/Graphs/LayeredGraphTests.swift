import BelayTestSupport
import Testing

@testable import Presentation

/// The layers of random graphs.
@Suite struct LayeredGraphTests {
  private static func random(_ seed: UInt64) -> [[Int]] {
    var random = SeededGenerator(seed: seed)
    let count = Int.random(in: 1...60, using: &random)
    return (0..<count).map { node in
      guard node > 0 else { return [] }
      let needs = (0..<Int.random(in: 0...3, using: &random)).map { _ in Int.random(in: 0..<node, using: &random) }
      return Array(Set(needs)).sorted()
    }
  }

  /// What comes before each node, directly or through others.
  private static func closure(_ needs: [[Int]]) -> [Set<Int>] {
    var before: [Set<Int>] = []
    for needs in needs { before.append(needs.reduce(into: Set(needs)) { $0.formUnion(before[$1]) }) }
    return before
  }

  @Test("edges lead down one layer at a time and say what the needs said", arguments: 0..<80 as Range<UInt64>)
  func layers(seed: UInt64) {
    let needs = Self.random(seed)
    let graph = LayeredGraph(needs: needs)
    #expect(graph.straight.isEmpty)
    #expect(graph.layers.joined().sorted() == Array(graph.places.indices))
    for (place, found) in graph.places.enumerated() {
      for below in found.below {
        #expect(graph.places[below].layer == found.layer + 1)
        #expect(graph.places[below].above.contains(place))
      }
    }
    // From each node, through the places that edges pass, to the nodes they lead to.
    var drawn = needs.map { _ in [Int]() }
    for node in needs.indices {
      var open = graph.places[node].below
      while let place = open.popLast() {
        if let end = graph.places[place].node { drawn[end].append(node) } else { open += graph.places[place].below }
      }
    }
    #expect(Self.closure(drawn) == Self.closure(needs))
    for (node, ends) in drawn.enumerated() { #expect(Set(ends).count == ends.count, "\(node)") }
  }

  @Test("no two places of a layer overlap", arguments: 0..<80 as Range<UInt64>)
  func placement(seed: UInt64) {
    let graph = LayeredGraph(needs: Self.random(seed))
    let placement = GraphPlacement(graph, width: 100, gap: 10)
    for layer in graph.layers {
      for (left, right) in zip(layer, layer.dropFirst()) {
        let half = { (place: Int) in graph.places[place].node == nil ? 6.0 : 50 }
        // Places stand on half units.
        #expect(placement.centres[right] - placement.centres[left] >= half(left) + half(right) + 9)
      }
    }
    #expect(placement.centres.allSatisfy { $0 >= 0 && $0 <= placement.total })
  }

  @Test("a crossing that need not be is not drawn")
  func crossings() {
    // Two pairs in the wrong order.
    let graph = LayeredGraph(needs: [[], [], [1], [0]])
    #expect(graph.layers == [[0, 1], [3, 2]] || graph.layers == [[1, 0], [2, 3]])
  }

  @Test("a thousand steps are laid out at once, whatever their shape", arguments: ["chain", "beside", "star", "mesh"])
  func large(shape: String) {
    let needs: [[Int]] = (0..<1000).map { node in
      switch shape {
      case "chain": node == 0 ? [] : [node - 1]
      case "beside": []
      case "star": node == 0 ? [] : node == 999 ? Array(1..<999) : [0]
      default: node < 40 ? [] : Array(node - 40..<node)
      }
    }
    let start = ContinuousClock.now
    let graph = LayeredGraph(needs: needs)
    let placement = GraphPlacement(graph, width: 100, gap: 10)
    #expect(placement.total > 0)
    // Far more than it takes, for a build without optimization on a busy machine.
    #expect(ContinuousClock.now - start < .seconds(20))
  }
}
