import BelayTestSupport

@testable import RunbookParser

/// Breaks files, and sometimes leaves them whole: drops keys, adds others, and puts other things where something stood.
struct FileMutator {
  private var random: SeededGenerator
  /// What stands under keys somewhere, to be put elsewhere.
  private let donors: [(key: String, value: FileTree)]
  private let keys: [String]

  private static let texts = [
    "", "true", "false", "0", "1", "5", "-1", "1000", "1001", "1000000", "1000001", "0.5", "5.5", "100", "100.5", "5m",
    "0s", "1h30m", "30m1h", "5 minutes", "${{ inputs.a }}", "none", "all", "local", "observe", "change", "irreversible",
    "rollback", "stop", "continue", "ask", "skip", "done", "item", "run", "1.2.3", "1.2", "1.2.3-rc.1", "01.2.3",
    ">=14", ">=1.28 <2", ">>2", "name", "Bad Name", "in", "string", "int", "number", "duration", "size", "enum",
    "record", "secret", "list", "json", "GET", "delete", "post", "http://127.0.0.1/", "ftp://127.0.0.1/", "a b", "-x",
    "prompt", "512Ki", "1.5Gi", "pause", "go-on", "critical", "failed", "2", "+5", "007",
  ]

  init(seed: UInt64, corpus: [FileTree]) {
    random = SeededGenerator(seed: seed)
    var donors: [(key: String, value: FileTree)] = []
    var open = corpus
    while let tree = open.popLast() {
      switch tree {
      case .text: break
      case .list(let elements): open += elements
      case .mapping(let pairs):
        donors += pairs
        open += pairs.map(\.value)
      }
    }
    self.donors = donors
    keys = Set(MappingKind.allCases.flatMap { Array($0.table.keys) }).sorted() + ["kez", "x"]
  }

  /// A file with one or two changes.
  mutating func change(_ tree: FileTree) -> FileTree {
    var changed = tree
    for _ in 0..<(chance(4) ? 2 : 1) {
      var place = Int.random(in: 0..<Self.count(changed), using: &random)
      changed = change(changed, at: &place, isRoot: true)
    }
    return changed
  }

  private mutating func chance(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &random) == 0 }

  private static func count(_ tree: FileTree) -> Int {
    switch tree {
    case .text: 1
    case .list(let elements): elements.reduce(1) { $0 + count($1) }
    case .mapping(let pairs): pairs.reduce(1) { $0 + count($1.value) }
    }
  }

  private mutating func change(_ tree: FileTree, at place: inout Int, isRoot: Bool = false) -> FileTree {
    if place == 0 {
      place = -1
      return isRoot ? changed(tree, isRoot: true) : chance(3) ? anything() : changed(tree, isRoot: false)
    }
    place -= 1
    switch tree {
    case .text: return tree
    case .list(var elements):
      for index in elements.indices where place >= 0 { elements[index] = change(elements[index], at: &place) }
      return .list(elements)
    case .mapping(var pairs):
      // What kind of file it is stays as it is.
      for index in pairs.indices where place >= 0 {
        if isRoot, index == 0 {
          place -= 1
        } else {
          pairs[index].value = change(pairs[index].value, at: &place)
        }
      }
      return .mapping(pairs)
    }
  }

  private mutating func changed(_ tree: FileTree, isRoot: Bool) -> FileTree {
    switch tree {
    case .text: return text()
    case .list(var elements):
      if chance(2) || elements.isEmpty {
        elements.append(anything())
      } else {
        elements.remove(at: Int.random(in: 0..<elements.count, using: &random))
      }
      return .list(elements)
    case .mapping(var pairs):
      let own = isRoot ? 1 : 0
      switch Int.random(in: 0..<3, using: &random) {
      case 0 where pairs.count > own: pairs.remove(at: Int.random(in: own..<pairs.count, using: &random))
      case 1 where pairs.count > own:
        let key = keys.randomElement(using: &random) ?? "x"
        if !pairs.contains(where: { $0.key == key }) {
          pairs[Int.random(in: own..<pairs.count, using: &random)].key = key
        }
      default:
        let donor =
          chance(4) ? (keys.randomElement(using: &random) ?? "x", anything()) : donors.randomElement(using: &random)
        if let donor, !pairs.contains(where: { $0.key == donor.0 }) { pairs.append((donor.0, donor.1)) }
      }
      return .mapping(pairs)
    }
  }

  private mutating func text() -> FileTree {
    .text(Self.texts.randomElement(using: &random) ?? "", plain: !chance(3))
  }

  private mutating func anything() -> FileTree {
    switch Int.random(in: 0..<6, using: &random) {
    case 0: return .list([])
    case 1: return .mapping([])
    case 2: return .list([text()])
    case 3: return .mapping([(keys.randomElement(using: &random) ?? "x", text())])
    case 4: return donors.randomElement(using: &random)?.value ?? text()
    default: return text()
    }
  }
}
