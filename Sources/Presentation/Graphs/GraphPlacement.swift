/// Where the places of a layered graph stand from left to right.
struct GraphPlacement {
  /// The middle of each place.
  private(set) var centres: [Double]
  private let graph: LayeredGraph
  private let width: Double
  private let gap: Double

  /// A placement of nodes of one width, so far apart at least.
  init(_ graph: LayeredGraph, width: Double, gap: Double) {
    self.graph = graph
    self.width = width
    self.gap = gap
    centres = Array(repeating: 0, count: graph.places.count)
    for layer in graph.layers {
      var right = 0.0
      for (index, place) in layer.enumerated() {
        if index > 0 { right += distance(layer[index - 1], place) }
        centres[place] = right
      }
      for place in layer { centres[place] -= right / 2 }
    }
    for round in 0..<12 {
      let isDown = round % 2 == 0
      for layer in isDown ? graph.layers : graph.layers.reversed() { align(layer, isDown) }
    }
    let left = zip(graph.places, centres).map { $1 - ($0.node == nil ? 0 : width / 2) }.min() ?? 0
    for place in centres.indices { centres[place] = ((centres[place] - left) * 2).rounded() / 2 }
  }

  /// The width of the whole.
  var total: Double { zip(graph.places, centres).map { $1 + ($0.node == nil ? 0 : width / 2) }.max() ?? 0 }

  /// How far apart two neighbours stand at least.
  private func distance(_ left: Int, _ right: Int) -> Double {
    let half = { (place: Int) in graph.places[place].node == nil ? 6.0 : width / 2 }
    return half(left) + gap + half(right)
  }

  /// Moves a layer's places as near to their neighbours as their order and distances allow: in the sum of squares, by
  /// pooling those that would overlap.
  private mutating func align(_ layer: [Int], _ isDown: Bool) {
    var offsets: [Double] = []
    var pools: [(mean: Double, weight: Double, count: Int)] = []
    for (index, place) in layer.enumerated() {
      offsets.append(index == 0 ? 0 : offsets[index - 1] + distance(layer[index - 1], place))
      let neighbours = isDown ? graph.places[place].above : graph.places[place].below
      let sum = neighbours.reduce(0) { $0 + centres[$1] }
      let wanted = neighbours.isEmpty ? centres[place] : sum / Double(neighbours.count)
      // An edge that passes is to be straight.
      let weight = neighbours.isEmpty ? 0.2 : graph.places[place].node == nil ? 4 : 1
      var pool = (mean: wanted - offsets[index], weight: weight, count: 1)
      while let last = pools.last, last.mean > pool.mean {
        pools.removeLast()
        let weight = last.weight + pool.weight
        pool = (
          (last.mean * last.weight + pool.mean * pool.weight) / weight, weight, last.count + pool.count
        )
      }
      pools.append(pool)
    }
    var index = 0
    for pool in pools {
      for _ in 0..<pool.count {
        centres[layer[index]] = pool.mean + offsets[index]
        index += 1
      }
    }
  }
}
