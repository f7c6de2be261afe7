import Diagnostics
import RunbookParser
import YAMLSyntax

/// Whether two texts say the same.
enum Likeness {
  /// Whether two trees are the same but for the order of keys where that has no meaning.
  static func same(_ a: YAMLNode, _ b: YAMLNode, _ shape: PlaceShape) -> Bool {
    switch (a.content, b.content) {
    case (.scalar(let a), .scalar(let b)):
      return a.text.utf8.elementsEqual(b.text.utf8) && (a.style == .plain) == (b.style == .plain)
    case (.sequence(let a), .sequence(let b)):
      return a.count == b.count && zip(a, b).allSatisfy { same($0, $1, shape) }
    case (.mapping(let a), .mapping(let b)):
      guard a.count == b.count else { return false }
      let shape = shape.refined(by: a.map(\.key))
      let places = shape.places(of: a.map(\.key))
      return zip(places, b).allSatisfy { place, pair in
        a[place].key.utf8.elementsEqual(pair.key.utf8) && same(a[place].value, pair.value, shape.child(pair.key))
      }
    default: return false
    }
  }

  /// The comments of a text in alphabetical order, those in the first lines of block scalars left out.
  static func comments(_ root: YAMLNode, _ bytes: [UInt8]) -> [String] {
    var leaves: [ByteSpan] = []
    var open = [root]
    while let node = open.popLast() {
      switch node.content {
      case .scalar: if !node.isEmpty { leaves.append(node.span) }
      case .sequence(let nodes): open += nodes
      case .mapping(let pairs):
        leaves += pairs.map(\.keySpan)
        open += pairs.map(\.value)
      }
    }
    leaves.sort()
    leaves.append(ByteSpan(bytes.count, bytes.count))
    var comments: [String] = []
    var place = 0
    for leaf in leaves {
      while place < Int(leaf.start) {
        guard bytes[place] == UInt8(ascii: "#") else {
          place += 1
          continue
        }
        var end = place
        while end < bytes.count, bytes[end] != 0x0A { end += 1 }
        var last = end
        while last > place, bytes[last - 1] == 0x20 || bytes[last - 1] == 0x09 { last -= 1 }
        comments.append(String(decoding: bytes[place..<last], as: UTF8.self))
        place = end
      }
      place = max(place, Int(leaf.end))
    }
    return comments.sorted()
  }
}
