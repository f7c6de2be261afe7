import CanonicalJSON

extension KeyRule {
  /// The schemas that hold where the rule does.
  var schemas: [JSON] {
    switch self {
    case .one(let keys, _): [["oneOf": Self.each(keys)]]
    case .some(let keys): [["anyOf": Self.each(keys)]]
    case .notBoth(let first, let second): [["not": ["required": [.string(first), .string(second)]]]]
    case .beside(let keys, let others, _): [["if": ["anyOf": Self.each(others)], "else": Self.without(keys.sorted())]]
    case .besideText(let key, let other):
      [
        [
          "if": Self.has([key]),
          "then": Self.has([other], ["properties": .object([JSON.Member(other, Shape.text.schema)])]),
        ]
      ]
    case .needs(let key, let others): [["if": Self.has([key]), "then": ["anyOf": Self.each(others)]]]
    case .given(let key, let texts, let other, let shape, _):
      [
        [
          "if": Self.says(key, texts),
          "then": ["properties": .object([JSON.Member(other, shape?.schema ?? false)])],
        ]
      ]
    case .givenNeeds(let key, let texts, let other):
      [["if": Self.says(key, Set(texts.map(Optional.some))), "then": Self.has([other])]]
    case .contract: Self.contractSchemas
    }
  }

  private static func has(_ keys: [String], _ more: JSON = [:]) -> JSON {
    .object([JSON.Member("required", .strings(keys))] + (more.members ?? []))
  }

  private static func each(_ keys: [String]) -> JSON { .array(keys.map { has([$0]) }) }

  private static func without(_ keys: [String]) -> JSON {
    ["properties": .object(keys.map { JSON.Member($0, false) })]
  }

  /// Whether a key has one of some texts, or is not there.
  private static func says(_ key: String, _ texts: Set<String?>) -> JSON {
    let words = texts.compactMap { $0 }.sorted()
    let truths: [JSON] = [true, false].filter { words.contains($0 == true ? "true" : "false") }
    let said = has(
      [key], ["properties": .object([JSON.Member(key, ["enum": .array(words.map { .string($0) } + truths)])])])
    return texts.contains(nil) ? ["anyOf": [["not": has([key])], said]] : said
  }

  // MARK: The contract of a step

  /// What `Decoder+Contract` asks of a step for its effect.
  private static var contractSchemas: [JSON] {
    let irreversible = says("effect", [Effect.irreversible.rawValue])
    let none: JSON = ["properties": ["rollback": ["const": "none"]], "required": ["rollback"]]
    let kept: JSON = [
      "properties": ["rollback": ["type": "object", "required": ["because"]]], "required": ["rollback"],
    ]
    let isTemporary: JSON = ["properties": ["temporary": ["enum": [true, "true"]]], "required": ["temporary"]]
    let appends: JSON = [
      "properties": ["dry-run": ["type": "object", "required": ["append"]]], "required": ["dry-run"],
    ]
    return [
      ["if": has(["manual"]), "then": has(["effect"])],
      ["if": effective(.change), "then": has(["rollback"])],
      ["if": ["anyOf": [effective(.observe), irreversible]], "then": without(["rollback"])],
      ["if": effective(.observe), "then": without(["applied", "repeatable", "dry-run"])],
      ["if": none, "then": has(["because"]), "else": without(["because", "mended-by"])],
      ["if": isTemporary, "then": ["required": ["rollback"], "not": ["anyOf": [none, kept]]]],
      ["if": appends, "then": has(["exec"])],
    ]
  }

  /// Whether a step, which is no block, has an effect, said or unsaid.
  private static func effective(_ effect: Effect) -> JSON {
    let unsaid = KeyTable.actions.filter { $0 != "http" && Effect.unsaid(of: $0) == effect }
    let reads: JSON = ["properties": ["method": ScalarShape.anyCase(Effect.observingMethods).schema]]
    let request: JSON = [
      "required": ["http"], "properties": ["http": effect == .observe ? reads : ["not": reads]],
    ]
    let isBackground: JSON = ["properties": ["background": ["enum": [true, "true"]]], "required": ["background"]]
    let byAction: JSON = ["anyOf": .array(unsaid.map { has([$0]) } + [request])]
    return [
      "anyOf": [
        says("effect", [effect.rawValue]),
        [
          "not": has(["effect"]), "if": isBackground, "then": .bool(effect == .observe), "else": byAction,
        ],
      ],
      "not": ["anyOf": each(KeyTable.blocks)],
    ]
  }
}
