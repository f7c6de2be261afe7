import BelayTestSupport

@testable import RunbookParser

/// Makes files out of nothing but the tables: any key that may stand somewhere, with something of its shape under it.
struct RandomFile {
  private var random: SeededGenerator
  private var names = 0

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  mutating func file(_ kind: FileKind) -> FileTree {
    guard case .mapping(let pairs) = mapping(kind.mapping, 0) else { return .mapping([]) }
    let first = pairs.filter { $0.key == kind.firstKey }
    return .mapping(first + pairs.filter { $0.key != kind.firstKey })
  }

  private mutating func chance(_ n: Int) -> Bool { Int.random(in: 0..<n, using: &random) == 0 }

  private mutating func name() -> String {
    names += 1
    return "n\(names)"
  }

  // MARK: Mappings

  private mutating func mapping(_ kind: MappingKind, _ depth: Int) -> FileTree {
    var chosen = Set(kind.required)
    for key in kind.table.keys.sorted() where chance(depth > 3 ? 12 : 4) { chosen.insert(key) }
    // One of the rules may be broken.
    let broken = chance(8) ? Int.random(in: 0...kind.rules.count, using: &random) : -1
    for (place, rule) in kind.rules.enumerated() where place != broken { choose(&chosen, rule, depth) }
    var texts: [String: String] = [:]
    if chosen.contains("type") { texts["type"] = type(kind) }
    if kind == .step { keepContract(&chosen, &texts) }
    for (place, rule) in kind.rules.enumerated() where place != broken { adapt(&chosen, texts, rule) }
    return .mapping(
      chosen.filter(kind.table.keys.contains).sorted().map { key in
        (key, texts[key].map { .text($0, plain: true) } ?? value(kind.shape(of: key), depth + 1))
      })
  }

  private mutating func choose(_ chosen: inout Set<String>, _ rule: KeyRule, _ depth: Int) {
    switch rule {
    case .one(let keys, let others):
      let deep: Set = ["steps", "any", "all", "not", "check", "checklist"]
      let keys = keys.filter { depth < 3 || !deep.contains($0) }
      chosen.subtract(others)
      chosen.subtract(keys)
      chosen.subtract(deep)
      if let key = keys.randomElement(using: &random) { chosen.insert(key) }
    case .some(let keys): if chosen.isDisjoint(with: keys) { chosen.insert(keys[0]) }
    case .notBoth(let first, let second): if chosen.contains(first) { chosen.remove(second) }
    case .beside(let keys, let others, _): if chosen.isDisjoint(with: others) { chosen.subtract(keys) }
    case .besideText(let key, _): chosen.remove(key)
    case .needs(let key, let others):
      if chosen.contains(key), chosen.isDisjoint(with: others) { chosen.insert(others[0]) }
    case .given, .givenNeeds, .contract: break
    }
  }

  private mutating func type(_ kind: MappingKind) -> String {
    var types = DeclaredType.open
    if kind == .input { types = DeclaredType.all }
    return types.randomElement(using: &random) ?? "string"
  }

  private func adapt(_ chosen: inout Set<String>, _ texts: [String: String], _ rule: KeyRule) {
    switch rule {
    case .given(let key, let words, let other, nil, _):
      if words.contains(chosen.contains(key) ? texts[key] ?? "?" : nil) { chosen.remove(other) }
    case .given("type", let words, let other, .some, _): if words.contains(texts["type"]) { chosen.remove(other) }
    case .given(_, _, let other, .some, _): chosen.remove(other)
    case .givenNeeds(let key, let words, let other):
      if let text = texts[key], words.contains(text) { chosen.insert(other) }
    default: break
    }
  }

  private mutating func keepContract(_ chosen: inout Set<String>, _ texts: inout [String: String]) {
    guard chosen.isDisjoint(with: KeyTable.blocks) else {
      chosen.remove("effect")
      return
    }
    let effect = Effect.allCases.randomElement(using: &random) ?? .observe
    chosen.insert("effect")
    texts["effect"] = effect.rawValue
    if chance(10) { return }
    chosen.subtract(["because", "mended-by", "rollback", "temporary", "dry-run", "background", "ready"])
    if effect == .observe, !chance(10) { chosen.subtract(["applied", "repeatable"]) }
    if effect == .observe || chance(20), !chosen.isDisjoint(with: ["exec", "run"]), chance(3) {
      texts["background"] = "true"
      chosen.formUnion(chance(10) ? ["background"] : ["background", "ready"])
      if !chance(10) {
        chosen.subtract(["expect", "outputs", "retry", "timeout", "verify", "for-each", "max-parallel"])
      }
    }
    guard effect == .change, !chance(20) else { return }
    chosen.insert("rollback")
    guard chance(2) else { return }
    texts["rollback"] = "none"
    if !chance(10) { chosen.insert("because") }
  }

  // MARK: Values

  private mutating func value(_ shape: Shape, _ depth: Int) -> FileTree {
    switch shape {
    case .anything: return chance(2) ? text("x") : .mapping([("a", .list([text("1")]))])
    case .scalar(let scalar): return self.scalar(scalar)
    case .arguments: return .list([text("true")] + (chance(2) ? [text("-x")] : []))
    case .list(let element, let count):
      let length = max(count, depth > 3 ? 0 : Int.random(in: 0...2, using: &random))
      if length == 0, chance(3) { return text("") }
      return .list((0..<length).map { _ in value(element, depth) })
    case .names(let element, _):
      let length = depth > 3 ? 0 : Int.random(in: 0...2, using: &random)
      return .mapping((0..<length).map { _ in (name(), value(element, depth)) })
    case .mapping(let kind): return mapping(kind, depth)
    case .mappings(_, let first, let second): return mapping(chance(2) || depth > 2 ? first : second, depth)
    case .either(let shapes):
      let simple = shapes.first { if case .scalar = $0 { true } else { false } }
      let shape = depth > 3 ? simple : shapes.randomElement(using: &random)
      return value(shape ?? shapes[0], depth)
    }
  }

  private func text(_ text: String) -> FileTree { .text(text, plain: true) }

  private mutating func scalar(_ shape: ScalarShape) -> FileTree {
    let words: [String] =
      switch shape {
      case .text: ["true", "some", "5", "1.5"]
      case .template: ["", "true", "text ${{ run.id }}", "7"]
      case .flag: ["true", "false"]
      case .integer(let range): [String(range.lowerBound), String(range.upperBound), "7", "999"]
      case .decimal: ["1", "2.5", "100", "99.25"]
      case .anyInteger: ["-7", "0", "12"]
      case .anyNumber: ["-7.5", "0", "3"]
      case .duration(let zeroToo): ["500ms", "5m", "1h30m", "2d", zeroToo ? "0s" : "1s"]
      case .plainDuration: ["0s", "5m"]
      case .size: ["4096", "512Ki", "1Gi"]
      case .word(let words), .bareType(let words): words.filter { DeclaredType.needed[$0] == nil }
      case .anyCase(let words): words + words.map { $0.lowercased() }
      case .name: [name()]
      case .version: ["1.0.0", "1.2.0-rc.1", "0.1.2+build"]
      case .versionBounds: [">=14", "1.28", "7", ">=1.28 <2"]
      case .place: ["db1", "user@host", "${{ run.id }}"]
      case .address: ["http://127.0.0.1:9090/x", "https://example.com", "${{ run.id }}"]
      case .port: ["9090", "http", "${{ run.id }}"]
      case .destination: ["db1:5432", "${{ run.id }}"]
      case .one: ["1"]
      case .here: ["local"]
      }
    return .text(words.randomElement(using: &random) ?? "x", plain: !chance(3))
  }
}
