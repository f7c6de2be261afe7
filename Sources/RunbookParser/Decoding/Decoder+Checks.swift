import Diagnostics
import Expressions
import YAMLSyntax

extension Decoder {
  /// A list of checks.
  func checks(_ node: YAMLNode?, in place: ExpressionPlace, _ subject: String) -> [Check] {
    guard let node else { return [] }
    let checks = elements(node, subject).compactMap { check($0, in: place) }
    refuseDuplicateIDs(checks.map(\.id), node)
    return checks
  }

  /// A list of preconditions.
  func preconditions(_ node: YAMLNode?, in place: ExpressionPlace, ofRun: Bool) -> [Precondition] {
    guard let node else { return [] }
    let preconditions = elements(node, "`preconditions`").compactMap { node -> Precondition? in
      guard let check = check(node, in: place, ofRun ? .runPrecondition : .precondition) else { return nil }
      return Precondition(
        check: check, otherwise: word(node["otherwise"], Precondition.Otherwise.self, "`otherwise`") ?? .stop)
    }
    refuseDuplicateIDs(preconditions.map(\.check.id), node)
    return preconditions
  }

  private func refuseDuplicateIDs(_ ids: [String?], _ node: YAMLNode) {
    var seen: Set<String> = []
    for case (let index, let id?) in ids.enumerated() where !seen.insert(id).inserted {
      let place = node.sequence.flatMap { $0.indices.contains(index) ? $0[index]["id"]?.span : nil }
      report(.duplicateName, "a second check is called `\(id)`", place ?? node.span)
    }
  }

  /// What stands under `check:`, `applied:` and the like: a check, or the name of one.
  func checkReference(_ node: YAMLNode, with given: YAMLNode? = nil, in place: ExpressionPlace) -> Check? {
    if node.scalar == nil {
      return check(node, in: place)
    }
    guard let name = plainText(node, "a check") else { return nil }
    return namedCheck(name, node.span, with: given, in: place)
  }

  /// A check; a nested one is asked once whenever the one around it is.
  func check(_ node: YAMLNode, in place: ExpressionPlace, _ kind: MappingKind = .check) -> Check? {
    guard let node = mapping(node, kind), let pair = node.mapping?.first(where: { KeyTable.probes.contains($0.key) }),
      let (probe, shape) = probe(pair, of: node, in: place)
    else { return nil }
    var check: Check
    if case .named(let named) = probe { check = named } else { check = Check(probe.plain) }
    complete(&check, from: node, place.with(shape))
    return check
  }

  /// What is asked, or the check that a name stands for.
  private enum DecodedProbe {
    case plain(Check.Probe)
    case named(Check)

    var plain: Check.Probe {
      switch self {
      case .plain(let probe): probe
      case .named(let check): check.probe
      }
    }
  }

  private func probe(
    _ pair: YAMLPair, of node: YAMLNode, in place: ExpressionPlace
  ) -> (DecodedProbe, ResultShape)? {
    switch pair.key {
    case "exec", "run":
      cautionOfChange(node, "a check")
      return program(pair, of: node, in: place).map { (.plain(.program($0)), .program) }
    case "http":
      return http(pair.value, in: place).map { (.plain(.http($0)), .http) }
    case "prometheus":
      return prometheus(pair.value, in: place).map { (.plain(.prometheus($0)), .prometheus) }
    case "assert":
      return expression(pair.value, in: place, "`assert`", expecting: .bool).map {
        (.plain(.assert($0)), .none)
      }
    case "manual":
      guard let manual = manual(pair.value, in: place) else { return nil }
      let fields = manual.fields.map { (name: ExpressionSpelling.of($0.name), type: $0.type.valueType) }
      return (.plain(.manual(manual)), .fields(fields))
    case "any", "all":
      let checks = elements(pair.value, "`\(pair.key)`").compactMap { check($0, in: place, .innerCheck) }
      return (.plain(pair.key == "any" ? .any(checks) : .all(checks)), .none)
    case "not":
      return check(pair.value, in: place, .innerCheck).map { (.plain(.not($0)), .none) }
    default:
      guard let check = checkReference(pair.value, with: node["with"], in: place) else { return nil }
      return (.named(check), .check(check))
    }
  }

  private func complete(_ check: inout Check, from node: YAMLNode, _ place: ExpressionPlace) {
    if let idNode = node["id"], let id = plainText(idNode, "`id`"), name(id, idNode.span, "a check") { check.id = id }
    if let title = node["title"].flatMap({ shownText($0, "`title`", in: place) }) { check.title = title }
    if let expect = expression(node["expect"], in: place, "`expect`", expecting: .bool) { check.expect = expect }
    if let every = duration(node["every"], "`every`") { check.every = every }
    if let within = duration(node["within"], "`within`") { check.within = within }
    if let holds = duration(node["holds"], "`holds`") { check.holds = holds }
    if let tolerate = integer(node["tolerate"], "`tolerate`") { check.tolerate = tolerate }
    if node["tolerate"] != nil, node["check"] != nil, check.holds == nil,
      let pair = node.mapping?.first(where: { $0.key == "tolerate" })
    {
      report(.unknownKey, "`tolerate` means nothing without `holds`", pair.keySpan)
    }
    check.timeout = duration(node["timeout"], "`timeout`") ?? check.timeout ?? attemptTimeout(check.probe)
    if node["check"] != nil { refuseTimeout(node, of: check.probe) }
    check.outputs += outputs(node["outputs"], in: place)
    if let says = node["says"] { check.says = text(says, in: place, "`says`") }
  }

  /// Refuses a bound on a named check that takes no time itself.
  private func refuseTimeout(_ node: YAMLNode, of probe: Check.Probe) {
    guard let pair = node.mapping?.first(where: { $0.key == "timeout" }) else { return }
    switch probe {
    case .program, .http, .prometheus, .manual, .tool: break
    case .assert: report(.unknownKey, "`timeout` means nothing for `assert`, which takes no time", pair.keySpan)
    case .any, .all, .not:
      report(
        .unknownKey, "`timeout` is for one question, and this check holds others", pair.keySpan,
        notes: ["say it in the checks inside, or `within` of all of it"])
    }
  }

  private func attemptTimeout(_ probe: Check.Probe) -> Int64? {
    switch probe {
    case .program, .http, .prometheus: defaultTimeout
    default: nil
    }
  }

  /// Values taken from `result`.
  func outputs(_ node: YAMLNode?, in place: ExpressionPlace) -> [OutputDeclaration] {
    guard let node else { return [] }
    return entries(node, "`outputs`").compactMap { pair in
      guard name(pair.key, pair.keySpan, "an output"), let type = type(pair.value, .output, "an output"),
        let value = required("value", of: pair.value, "an output"),
        let expression = expression(value, in: place, "`value`", expecting: expectation(type))
      else { return nil }
      return OutputDeclaration(name: pair.key, type: type, value: expression)
    }
  }

  /// What an expression for a type must give; nothing is demanded where a text or another number will do as well.
  func expectation(_ type: InputType) -> ValueType? {
    switch type {
    case .bool: .bool
    case .string, .enum: .string
    case .int: .int
    case .timestamp, .duration, .size, .number, .list, .map, .record, .json, .secret: nil
    }
  }
}
