/// Nodes in layers, one below the other, with as few crossings between them as a few sweeps find.
///
/// An edge over several layers has a place in each of those between, which edges from the same node share.
struct LayeredGraph {
  /// A place in a layer.
  struct Place {
    /// The node; nil where an edge passes.
    var node: Int?
    var layer: Int
    /// The places above and below that edges come from and lead to.
    var above: [Int] = []
    var below: [Int] = []
  }

  /// How many nodes stand beside each other at most.
  private static let widest = 8
  /// How many places edges may pass in all; those beyond go straight on.
  private static let passages = 20_000
  private static let sweeps = 8

  private(set) var places: [Place]
  /// The places of each layer from left to right.
  private(set) var layers: [[Int]] = []
  /// Edges that take no places of their own: from a node to one below.
  private(set) var straight: [(from: Int, to: Int)] = []

  /// The layers of nodes, each of which comes after those it needs, which stand before it.
  init(needs: [[Int]]) {
    let reduced = Self.reduced(needs)
    places = Self.layers(needs).enumerated().map { Place(node: $0, layer: $1) }
    connect(reduced)
    let count = (places.map(\.layer).max() ?? -1) + 1
    layers = Array(repeating: [], count: count)
    for place in places.indices { layers[places[place].layer].append(place) }
    reduceCrossings()
  }

  // MARK: Layers

  /// Without edges that say what others say together already.
  private static func reduced(_ needs: [[Int]]) -> [[Int]] {
    let words = (needs.count + 63) / 64
    // Beyond this the table would take more than it is worth.
    guard needs.count <= 8192 else { return needs }
    var before = [UInt64](repeating: 0, count: words * needs.count)
    var reduced: [[Int]] = []
    for (node, needs) in needs.enumerated() {
      var kept: [Int] = []
      // The later ones first: what they rest on is said by them.
      for need in needs.reversed() where before[node * words + need / 64] & 1 << UInt64(need % 64) == 0 {
        kept.append(need)
        for word in 0..<words { before[node * words + word] |= before[need * words + word] }
        before[node * words + need / 64] |= 1 << UInt64(need % 64)
      }
      reduced.append(kept.reversed())
    }
    return reduced
  }

  /// The layer of each node: below all it needs, and in one that has room.
  private static func layers(_ needs: [[Int]]) -> [Int] {
    var layers: [Int] = []
    var used: [Int] = []
    var free: [Int: Int] = [:]
    for needs in needs {
      let first = needs.map { layers[$0] + 1 }.max() ?? 0
      var layer = first
      // Layers that were found full are skipped at once the next time.
      while layer < used.count, used[layer] >= widest { layer = max(layer + 1, free[layer] ?? 0) }
      if layer > first { free[first] = layer }
      while used.count <= layer { used.append(0) }
      used[layer] += 1
      layers.append(layer)
    }
    return layers
  }

  private mutating func connect(_ needs: [[Int]]) {
    var passages = 0
    // The place by which an edge from a node passes a layer.
    var passing: [[Int: Int]] = Array(repeating: [:], count: needs.count)
    for (node, needs) in needs.enumerated() {
      for need in needs {
        let (first, last) = (places[need].layer + 1, places[node].layer)
        if passages + last - first > Self.passages {
          straight.append((need, node))
          continue
        }
        var from = need
        for layer in first..<max(first, last) {
          if let shared = passing[need][layer] {
            from = shared
            continue
          }
          places.append(Place(node: nil, layer: layer))
          link(from, places.count - 1)
          from = places.count - 1
          passing[need][layer] = from
          passages += 1
        }
        link(from, node)
      }
    }
  }

  private mutating func link(_ upper: Int, _ lower: Int) {
    places[upper].below.append(lower)
    places[lower].above.append(upper)
  }

  // MARK: Crossings

  private mutating func reduceCrossings() {
    guard layers.count > 1 else { return }
    var best = layers
    var fewest = crossings()
    for sweep in 0..<Self.sweeps where fewest > 0 {
      let isDown = sweep % 2 == 0
      var order = [Double](repeating: 0, count: places.count)
      for layer in layers { for (index, place) in layer.enumerated() { order[place] = Double(index) } }
      for layer in isDown ? Array(1..<layers.count) : (0..<layers.count - 1).reversed() {
        let centred = layers[layer].enumerated().map { index, place in
          let neighbours = isDown ? places[place].above : places[place].below
          let sum = neighbours.reduce(0) { $0 + order[$1] }
          return (
            place: place, centre: neighbours.isEmpty ? Double(index) : sum / Double(neighbours.count), index: index
          )
        }
        layers[layer] = centred.sorted { ($0.centre, $0.index) < ($1.centre, $1.index) }.map(\.place)
        for (index, place) in layers[layer].enumerated() { order[place] = Double(index) }
      }
      let count = crossings()
      if count < fewest { (best, fewest) = (layers, count) }
    }
    layers = best
  }

  /// How many pairs of edges between neighbouring layers cross.
  private func crossings() -> Int {
    var total = 0
    for layer in 1..<layers.count {
      var position: [Int: Int] = [:]
      for (index, place) in layers[layer].enumerated() { position[place] = index }
      let ends = layers[layer - 1].flatMap { places[$0].below.compactMap { position[$0] }.sorted() }
      total += Self.inversions(ends, layers[layer].count)
    }
    return total
  }

  private static func inversions(_ numbers: [Int], _ count: Int) -> Int {
    var tree = [Int](repeating: 0, count: count + 1)
    var total = 0
    for (seen, number) in numbers.enumerated() {
      var index = number + 1
      var notGreater = 0
      while index > 0 {
        notGreater += tree[index]
        index -= index & -index
      }
      total += seen - notGreater
      index = number + 1
      while index <= count {
        tree[index] += 1
        index += index & -index
      }
    }
    return total
  }
}
