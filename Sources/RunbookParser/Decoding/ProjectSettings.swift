import Diagnostics
import Expressions
import YAMLSyntax

/// What a project says for all its runbooks: `belay.yaml` and the inventory it names.
struct ProjectSettings {
  /// The inventory, merged with the environment's part.
  var platform: Value?
  /// Inputs that the environment gives, unless the caller does.
  var inputs: [GivenInput] = []
  /// Channels by name, as they are written.
  var channels: [String: YAMLNode] = [:]
  /// The file that they stand in.
  var source: SourceText?
  /// Its people and their roles, and the rules that concern the runbook.
  var policy: Policy?
  /// The file as it is written.
  var root: YAMLNode?
  /// For each attempt of a program or a request, where a runbook says none.
  var timeout: Int64?
  /// What queries do not say themselves, where a runbook says none.
  var prometheus: YAMLNode?
}

extension Decoder {
  /// Reads the project's own file; its mistakes are reported in it.
  func projectSettings(_ environment: String?, of runbook: Runbook? = nil) {
    if let problem = project?.settingsProblem {
      report(
        .unknownFile, "the project's file cannot be read: \(problem)", .none,
        notes: ["its rules, people and keys would be left out without a word"])
    }
    guard let file = project?.settings else { return }
    let (root, problems) = YAMLReader.read(file)
    diagnostics += problems
    guard let root else { return }
    let outside = source
    source = file
    defer { source = outside }
    guard let root = self.file(root, .project) else { return }
    settings.source = file
    settings.root = root
    for pair in root["channels"].map({ entries($0, "`channels`") }) ?? [] {
      if name(pair.key, pair.keySpan, "a channel") { settings.channels[pair.key] = pair.value }
    }
    settings.policy = policy(root, of: runbook, environment)
    var own: YAMLNode?
    // Where a run takes place, which with the inventory says something of every field.
    var place: YAMLPair?
    for pair in root["environments"].map({ entries($0, "`environments`") }) ?? [] {
      guard name(pair.key, pair.keySpan, "an environment"), let node = mapping(pair.value, .environment),
        pair.key == environment
      else { continue }
      settings.inputs = (node["inputs"].map { entries($0, "`inputs`") } ?? []).map {
        GivenInput(name: $0.key, node: $0.value, source: file, span: $0.keySpan)
      }
      own = node["platform"]
      place = pair
    }
    if let node = root["inventory"], let path = plainText(node, "`inventory`") {
      let isWhole = environment != nil || root["environments"]?.mapping?.isEmpty != false
      inventory(path, node, own, file, of: place, isWhole: isWhole)
    }
    if let node = root["defaults"], let node = mapping(node, .projectDefaults) {
      settings.timeout = duration(node["timeout"], "`timeout`")
      settings.prometheus = node["prometheus"].flatMap { mapping($0, .prometheusDefaults) }
    }
    takeDefaults()
  }

  /// Begins with what the project says for all runbooks.
  func takeDefaults() {
    defaultTimeout = settings.timeout
    defaultPrometheus = settings.prometheus
  }

  /// - Parameters:
  ///   - own: What the environment says of the platform.
  ///   - place: The environment; nil where none was chosen, or the project does not know it.
  ///   - isWhole: Whether nothing else may say what is missing.
  private func inventory(
    _ path: String, _ node: YAMLNode, _ own: YAMLNode?, _ settings: SourceText, of place: YAMLPair?, isWhole: Bool
  ) {
    guard let file = projectFile(path, node) else { return }
    let (root, problems) = YAMLReader.read(file)
    diagnostics += problems
    guard let root else { return }
    source = file
    defer { source = settings }
    guard let root = self.file(root, .inventory), let fields = root["fields"] else { return }
    guard case .record(let declared)? = record(fields) else { return }
    names.platform = InputType.record(declared).valueType
    var pairs: [(Value, Value)] = []
    let shared = root["values"].map { entries($0, "`values`") } ?? []
    let special =
      own.map { node -> [YAMLPair] in
        source = settings
        defer { source = file }
        return entries(node, "`platform`")
      } ?? []
    for pair in shared + special where !declared.contains(where: { $0.name == pair.key }) {
      let isSpecial = special.contains { $0.keySpan == pair.keySpan }
      source = isSpecial ? settings : file
      report(.unknownKey, "the inventory has no field `\(pair.key)`", pair.keySpan)
      source = file
    }
    for field in declared {
      let isSpecial = special.contains { $0.key == field.name }
      guard let pair = (isSpecial ? special : shared).first(where: { $0.key == field.name }) else {
        // Each environment may have to say it; without one nothing can be missing.
        if isWhole { reportMissing(field.name, place, settings, headSpan(root)) }
        continue
      }
      source = isSpecial ? settings : file
      if let value = value(pair.value, of: field.type, "`\(field.name)`") {
        pairs.append((.string(ExpressionSpelling.of(field.name)), value))
      }
      source = file
    }
    self.settings.platform = .map(ValueMap(pairs))
  }

  private func reportMissing(_ field: String, _ place: YAMLPair?, _ settings: SourceText, _ inventory: ByteSpan) {
    guard let place else {
      return report(.missingKey, "the inventory says nothing of `\(field)`", inventory)
    }
    let inside = source
    source = settings
    defer { source = inside }
    report(
      .missingKey, "the environment `\(place.key)` says nothing of `\(field)`, and neither does the inventory",
      place.keySpan, notes: ["say it under `platform` there, or for all environments under the inventory's `values`"])
  }
}

extension Decoder {
  /// The project's file on its own.
  func wholeProject(_ root: YAMLNode) {
    let own = source
    project = ProjectOfOneFile(settings: own, around: project)
    let environments = root["environments"]?.mapping?.map(\.key) ?? []
    for environment in environments.isEmpty ? [nil] : environments.map(Optional.init) {
      settings = ProjectSettings()
      projectSettings(environment)
    }
    for name in settings.channels.keys.sorted() {
      guard let node = settings.channels[name] else { continue }
      names.parameters = ["message": .string]
      _ = channel(name, node)
      names.parameters = nil
    }
  }

  /// An inventory on its own: its fields, and the values that are the same everywhere.
  func wholeInventory(_ root: YAMLNode) {
    guard let root = file(root, .inventory), let fields = root["fields"], case .record(let declared)? = record(fields)
    else { return }
    for pair in root["values"].map({ entries($0, "`values`") }) ?? [] {
      if let field = declared.first(where: { $0.name == pair.key }) {
        _ = value(pair.value, of: field.type, "`\(field.name)`")
      } else {
        report(.unknownKey, "the inventory has no field `\(pair.key)`", pair.keySpan)
      }
    }
  }
}

/// A project whose own file is the one being looked at.
private struct ProjectOfOneFile: ProjectSources {
  let settings: SourceText?
  let around: (any ProjectSources)?

  func library(named name: String) -> SourceText? { around?.library(named: name) }
  func runbook(named name: String) -> SourceText? { around?.runbook(named: name) }
  func libraries(named name: String) -> [String] { around?.libraries(named: name) ?? [] }
  func runbooks(named name: String) -> [String] { around?.runbooks(named: name) ?? [] }
  func file(at path: String) -> SourceText? { around?.file(at: path) }

  init(settings: SourceText, around: (any ProjectSources)?) {
    self.settings = settings
    self.around = around
  }
}

extension Value {
  /// A map with some of its keys alone; nil where none is left.
  func restricted(to keys: Set<String>) -> Value? {
    guard case .map(let map) = self else { return nil }
    let kept = zip(map.keys, map.values).filter { key, _ in
      if case .string(let key) = key { keys.contains(key) } else { false }
    }
    return kept.isEmpty ? nil : .map(ValueMap(Array(kept)))
  }
}
