/// The types that a declaration may name, and what of its keys belongs to which.
enum DeclaredType {
  /// All of them.
  static let all = open + ["secret"]
  /// All but secrets, which are for inputs alone.
  static let open = [
    "string", "int", "number", "bool", "duration", "size", "timestamp", "enum", "list", "map", "record", "json",
  ]
  /// What a type cannot do without.
  static let needed = ["enum": "values", "record": "fields", "secret": "from"]
  /// The types that a key belongs to.
  private static let keys: [(key: String, types: Set<String>)] = [
    ("pattern", ["string"]), ("min", bounded), ("max", bounded), ("values", ["enum"]), ("of", ["list", "map"]),
    ("fields", ["record"]), ("from", ["secret"]), ("default", Set(open)),
  ]
  private static let bounded: Set<String> = ["int", "number", "duration", "size"]
  private static let bounds: [(type: String, shape: ScalarShape)] = [
    ("int", .anyInteger), ("number", .anyNumber), ("duration", .plainDuration), ("size", .size),
  ]

  /// The types that a key means something for, as they are listed; nil where it does for all.
  static func types(of key: String) -> [String]? {
    keys.first { $0.key == key }.map { entry in all.filter(entry.types.contains) }
  }

  /// How the keys of a declaration depend on its type.
  static func rules(of kind: MappingKind) -> [KeyRule] {
    let known = kind.table.keys
    var rules: [KeyRule] = []
    for (key, types) in keys where known.contains(key) {
      var others = Set(all.filter { !types.contains($0) }.map(Optional.some))
      // A mapping of fields alone is a record.
      if kind == .field, key != "fields" { others.insert(nil) }
      rules.append(.given("type", others, key, nil))
    }
    for (type, shape) in bounds {
      for key in ["min", "max"] { rules.append(.given("type", [type], key, .scalar(shape))) }
    }
    for (type, key) in needed.sorted(by: { $0.key < $1.key }) where known.contains(key) {
      rules.append(.givenNeeds("type", [type], key))
    }
    if known.contains("default") {
      let single = Set(open).subtracting(["list", "map", "record", "json"])
      rules.append(.given("type", Set(single.map(Optional.some)), "default", .text))
      rules.append(.given("type", ["list"], "default", .either([.text, .list(.anything)])))
      rules.append(.given("type", ["map", "record"], "default", .either([.text, .names(.anything, .any)])))
    }
    return rules
  }
}
