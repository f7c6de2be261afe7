import RunbookParser

extension PlaceShape {
  /// The places of keys in their order; as they stand, where one of them is not known.
  func places(of keys: [String]) -> [Int] {
    guard let order else { return Array(keys.indices) }
    var ranks: [Int] = []
    for key in keys {
      guard let rank = order.firstIndex(of: key) else { return Array(keys.indices) }
      ranks.append(rank)
    }
    return keys.indices.sorted { ranks[$0] < ranks[$1] }
  }
}
