import CanonicalJSON
import Diagnostics
import Expressions
import YAMLSyntax

/// What a rehearsal's file gave.
struct DecodedRehearsal {
  var rehearsal: RehearsalScenario
  /// The runbook as it is planned for the rehearsal; nil where it cannot be.
  var plan: RunPlan?
  /// The steps whose outputs something reads, by their ids.
  var readSteps: Set<String> = []
}

extension Decoder {
  /// A rehearsal, with the runbook it is of.
  func rehearsal(_ root: YAMLNode) -> DecodedRehearsal? {
    guard let root = file(root, .rehearsal), let named = root["runbook"], let name = plainText(named, "`runbook`")
    else { return nil }
    var rehearsal = RehearsalScenario(
      runbook: name, name: root["name"].flatMap { plainText($0, "`name`") } ?? "")
    rehearsal.clock = root["clock"].flatMap { clock($0) }
    let compilation = plan(root, name, named)
    var decoded = DecodedRehearsal(
      rehearsal: rehearsal, plan: compilation?.plan, readSteps: compilation?.readSteps ?? [])
    let addresses = decoded.plan.map(PlanAddresses.init)
    for pair in root["answers"].map({ entries($0, "`answers`") }) ?? [] {
      let target = target(pair.key, pair.keySpan, addresses)
      if let target { refuseUnanswerable(target, pair) }
      decoded.rehearsal.answers[pair.key] = list(pair.value).map { answer($0, target) }
    }
    for pair in root["people"].map({ entries($0, "`people`") }) ?? [] {
      let target = target(pair.key, pair.keySpan, addresses)
      decoded.rehearsal.people[pair.key] = list(pair.value).compactMap { saying($0, target) }
    }
    for node in root["faults"].map({ elements($0, "`faults`") }) ?? [] {
      guard let node = mapping(node, .fault), let place = node["at"], let address = plainText(place, "`at`"),
        let kind = word(node["kind"], RehearsalScenario.Fault.Kind.self, "`kind`")
      else { continue }
      if let target = self.target(address, place.span, addresses) { refuse(kind, of: target, address, node) }
      decoded.rehearsal.faults.append(RehearsalScenario.Fault(kind, at: address))
    }
    if let node = root["expect"] { decoded.rehearsal.expectation = expectation(node, addresses) }
    return decoded
  }

  private func clock(_ node: YAMLNode) -> Int64? {
    guard case .timestamp(let time)? = value(node, of: .timestamp, "`clock`") else { return nil }
    return time.milliseconds
  }

  /// The runbook that is rehearsed, planned with what the file gives; what is wrong is said in this file.
  private func plan(_ root: YAMLNode, _ name: String, _ named: YAMLNode) -> Compilation? {
    guard let project else { return nil }
    guard let runbook = project.runbook(named: name) else {
      report(
        .unknownFile, "there is no runbook `\(name)` in this project", named.span,
        notes: ["a runbook is a file of the project that begins with `belay: 1` and says `name: \(name)`"])
      return nil
    }
    let given = (root["inputs"].map { entries($0, "`inputs`") } ?? []).map {
      GivenInput(name: $0.key, node: $0.value, source: source, span: $0.keySpan)
    }
    let environment = root["environment"].flatMap { plainText($0, "`environment`") }
    let compilation = RunbookCompiler.compile(
      runbook, request: PlanRequest(environment: environment, inputs: given), project: project)
    var first: Diagnostic?
    for found in compilation.diagnostics where found.severity == .error {
      switch found.code {
      case _ where found.source === source: diagnostics.append(found)
      case .environmentChoice:
        report(found.code, found.message, root["environment"]?.span ?? named.span, notes: found.notes)
      case .missingInput, .unknownInput, .inputValue:
        report(found.code, found.message, root["inputs"]?.span ?? named.span, notes: ["give it under `inputs`"])
      default: first = first ?? found
      }
    }
    if let first {
      report(
        .brokenCall, "the runbook `\(name)` has mistakes, the first: \(first.message)", named.span,
        notes: ["`belay validate \(runbook.name)` shows all"])
    }
    return compilation
  }

  /// One value, or those of a list.
  private func list(_ node: YAMLNode) -> [YAMLNode] { node.sequence ?? (node.isEmpty ? [] : [node]) }

  // MARK: Addresses

  private func target(_ address: String, _ span: ByteSpan, _ addresses: PlanAddresses?) -> PlanAddresses.Target? {
    guard let addresses else { return nil }
    if let target = addresses[address] { return target }
    let plain = PlanAddresses.withoutNumbers(address)
    let nearest = Spelling.nearest(to: plain, in: addresses.all) ?? addresses.all.first { $0.hasSuffix("." + plain) }
    let root = plain.split(separator: ".").prefix(2).joined(separator: ".")
    let near = addresses.all.filter { $0.hasPrefix(root + ".") }
    report(
      .unknownAddress, "nothing of the runbook has the address `\(address)`", span,
      notes: [
        nearest.map { "did you mean `\($0)`?" }
          ?? (near.isEmpty
            ? "addresses are `steps.ID`, `steps.ID.verify.0`, `steps.ID.rollback`, `preconditions.0` and the like"
            : "there are \(near.prefix(8).joined(separator: ", "))")
      ])
    return nil
  }

  private func refuseUnanswerable(_ target: PlanAddresses.Target, _ pair: YAMLPair) {
    switch target {
    case .run, .tick: break
    case .step(let step):
      switch step.action {
      case .manual, .decide: break
      case .group, .call, .forEach, .checklist, .assert, .wait:
        report(.unknownAddress, "`\(pair.key)` asks nothing of the world by itself", pair.keySpan)
        return
      default: return
      }
    default: return
    }
    report(
      .unknownAddress, "`\(pair.key)` is answered by people", pair.keySpan, notes: ["say it under `people`"])
  }

  private func refuse(
    _ kind: RehearsalScenario.Fault.Kind, of target: PlanAddresses.Target, _ address: String, _ node: YAMLNode
  ) {
    let span = node["kind"]?.span ?? node.span
    switch (kind, target) {
    case (.verifyFails, .step(let step)) where !step.verify.isEmpty: break
    case (.verifyFails, .check): break
    case (.verifyFails, _): report(.unknownAddress, "`\(address)` is not verified", span)
    case (.rollbackFails, .step(let step)) where step.rollback.hasActions: break
    case (.rollbackFails, .undo): break
    case (.rollbackFails, _): report(.unknownAddress, "`\(address)` has no way back", span)
    case (.timeout, .step(let step)) where step.timeout == nil:
      report(
        .badValue, "`\(address)` has no `timeout`, and would go on for ever", span,
        notes: ["give the step one, or the runbook's `defaults`"])
    case (_, .step), (_, .undo), (.exit, .check), (.timeout, .check): break
    case (.exit, .tool), (.exit, .tunnel): break
    default: report(.unknownAddress, "`\(address)` is no action", span)
    }
  }

  // MARK: Answers

  private func answer(_ node: YAMLNode, _ target: PlanAddresses.Target?) -> RehearsalScenario.Answer {
    var answer = RehearsalScenario.Answer()
    guard let node = mapping(node, .answer) else { return answer }
    func said(_ key: String) -> String? { node[key]?.scalar?.text }
    if let exit = integer(node["exit"], "`exit`") { answer.ending = .exit(exit) }
    if let signal = integer(node["signal"], "`signal`") { answer.ending = .signal(signal) }
    if let status = integer(node["status"], "`status`") { answer.ending = .status(status) }
    if let error = said("error") { answer.ending = .error(error) }
    if let holds = flag(node["holds"], "`holds`") { answer.ending = .holds(holds) }
    answer.text = said("stdout") ?? said("body")
    if let json = node["json"] { answer.text = Self.json(json).lineText() }
    if let value = said("value") { answer.text = Self.prometheus([([], value)]) }
    if let samples = node["samples"] {
      answer.text = Self.prometheus(
        elements(samples, "`samples`").map { sample in
          (
            (sample["labels"]?.mapping ?? []).map { ($0.key, $0.value.scalar?.text ?? "") },
            sample["value"]?.scalar?.text ?? ""
          )
        })
    }
    answer.errors = said("stderr") ?? ""
    answer.headers = (node["headers"]?.mapping ?? []).map {
      RehearsalScenario.Answer.Header(name: $0.key.lowercased(), value: $0.value.scalar?.text ?? "")
    }
    answer.applied = flag(node["applied"], "`applied`")
    answer.takes = duration(node["takes"], "`takes`")
    answer.until = duration(node["until"], "`until`")
    if let outputs = node["outputs"] { answer.outputs = self.outputs(outputs, of: target) }
    if let target { refuseForeignKeys(of: node, target) }
    return answer
  }

  private func outputs(_ node: YAMLNode, of target: PlanAddresses.Target?) -> [NamedValue] {
    let declared: [OutputDeclaration]
    switch target {
    case .step(let step)?: declared = step.outputs
    case .check(let check)?: declared = check.outputs
    case nil: return []
    default: declared = []
    }
    return entries(node, "`outputs`").compactMap { pair in
      guard let output = declared.first(where: { $0.name == pair.key }) else {
        let names = declared.map(\.name)
        report(
          .unknownAddress, "it gives no output `\(pair.key)`", pair.keySpan,
          notes: [
            Spelling.nearest(to: pair.key, in: names).map { "did you mean `\($0)`?" }
              ?? (names.isEmpty ? "it gives none" : "it gives \(names.joined(separator: ", "))")
          ])
        return nil
      }
      return value(pair.value, of: output.type, "output `\(pair.key)`").map { NamedValue(name: pair.key, value: $0) }
    }
  }

  /// Refuses what says nothing of the kind of thing that is asked.
  private func refuseForeignKeys(of node: YAMLNode, _ target: PlanAddresses.Target) {
    let (subject, foreign): (String, [String])
    let ofPrograms = ["exit", "signal", "stdout", "stderr"]
    let ofRequests = ["status", "headers", "body"]
    let ofQueries = ["value", "samples"]
    switch target.question {
    case .program: (subject, foreign) = ("a program", ofRequests + ofQueries)
    case .http: (subject, foreign) = ("a request", ofPrograms + ofQueries)
    case .prometheus: (subject, foreign) = ("a query", ofPrograms)
    case nil: return
    }
    for pair in node.mapping ?? [] where foreign.contains(pair.key) {
      report(.badValue, "`\(pair.key)` says nothing of \(subject)", pair.keySpan)
    }
  }

  /// What Prometheus answers to an instant query.
  private static func prometheus(_ samples: [(labels: [(String, String)], value: String)]) -> String {
    let result = samples.map { sample in
      JSON.object([
        JSON.Member("metric", .object(sample.labels.map { JSON.Member($0.0, .string($0.1)) })),
        JSON.Member("value", .array([.int(0), .string(sample.value)])),
      ])
    }
    let answer: JSON = ["status": "success", "data": ["resultType": "vector", "result": .array(result)]]
    return answer.lineText()
  }

  // MARK: People

  private func saying(_ node: YAMLNode, _ target: PlanAddresses.Target?) -> RehearsalScenario.Saying? {
    guard let node = mapping(node, .saying) else { return nil }
    func said(_ key: String) -> String? { node[key].flatMap { plainText($0, "`\(key)`") } }
    let words: RehearsalScenario.Saying.Words
    if let person = said("approve") {
      words = .vote(person, approves: true)
    } else if let person = said("deny") {
      words = .vote(person, approves: false)
    } else if let confirmed = flag(node["confirm"], "`confirm`") {
      words = .confirm(confirmed)
    } else if let choice = said("choose") {
      words = .choose(choice)
    } else if let tick = said("tick") {
      words = .tick(tick == "not-applicable" ? nil : tick == "true")
    } else if let fields = node["fields"] {
      words = .fields(self.fields(fields, of: target))
    } else {
      return nil
    }
    if case .choose(let choice) = words, case .step(let step)? = target, case .decide(let decision) = step.action,
      !decision.options.contains(where: { $0.id == choice }), let node = node["choose"]
    {
      report(
        .unknownAddress, "there is no option `\(choice)`", node.span,
        notes: ["there are \(decision.options.map(\.id).joined(separator: ", "))"])
    }
    return RehearsalScenario.Saying(
      words, by: said("by"), reason: said("reason") ?? "", after: duration(node["after"], "`after`"))
  }

  private func fields(_ node: YAMLNode, of target: PlanAddresses.Target?) -> [NamedValue] {
    var declared: [FieldDeclaration]?
    if case .step(let step)? = target, case .manual(let manual) = step.action { declared = manual.fields }
    if case .undo(let undo)? = target, case .manual(let manual) = undo.action { declared = manual.fields }
    return entries(node, "`fields`").compactMap { pair in
      guard let declared else { return NamedValue(name: pair.key, value: Value(Self.json(pair.value))) }
      guard let field = declared.first(where: { $0.name == pair.key }) else {
        report(.unknownAddress, "nobody is asked for `\(pair.key)`", pair.keySpan)
        return nil
      }
      return value(pair.value, of: field.type, "field `\(pair.key)`").map { NamedValue(name: pair.key, value: $0) }
    }
  }

  // MARK: What must come of it

  private func expectation(_ node: YAMLNode, _ addresses: PlanAddresses?) -> RehearsalScenario.Expectation {
    var expectation = RehearsalScenario.Expectation()
    guard let node = mapping(node, .expectation) else { return expectation }
    expectation.outcome = word(node["outcome"], RehearsalScenario.Outcome.self, "`outcome`")
    expectation.within = duration(node["within"], "`within`")
    if let order = node["order"] {
      expectation.order = names(order, "`order`").map { said in
        let step = said.name.hasPrefix("undo ") ? String(said.name.dropFirst(5)) : said.name
        if addresses?["finally." + step] == nil { stepAddress("steps." + step, said.span, addresses) }
        return said.name
      }
    }
    expectation.never = names(node["never"], "`never`").map { said in
      _ = target(said.name, said.span, addresses)
      return said.name
    }
    if let residue = node["residue"] {
      expectation.residue = names(residue, "`residue`").map { said in
        stepAddress(said.name, said.span, addresses)
        return said.name
      }
    }
    expectation.statuses = (node["statuses"].map { entries($0, "`statuses`") } ?? []).compactMap { pair in
      stepAddress(pair.key, pair.keySpan, addresses)
      return word(pair.value, RehearsalScenario.Status.self, "a status").map {
        RehearsalScenario.Expectation.Step(address: pair.key, status: $0)
      }
    }
    return expectation
  }

  private func stepAddress(_ address: String, _ span: ByteSpan, _ addresses: PlanAddresses?) {
    guard let target = target(address, span, addresses) else { return }
    if case .step = target { return }
    report(.unknownAddress, "`\(address)` is no step", span)
  }
}

extension PlanAddresses.Target {
  /// What of the world is asked; nil for what is none of these alone.
  fileprivate enum Question { case program, http, prometheus }

  fileprivate var question: Question? {
    switch self {
    case .tool: return .program
    case .step(let step): return Self.question(step.action)
    case .undo(let undo): return Self.question(undo.action)
    case .check(let check): return Self.question(check)
    case .tunnel, .notice, .run, .tick: return nil
    }
  }

  private static func question(_ action: Action) -> Question? {
    switch action {
    case .program: .program
    case .http: .http
    case .prometheus: .prometheus
    case .check(let check): question(check)
    default: nil
    }
  }

  private static func question(_ check: Check) -> Question? {
    switch check.probe {
    case .program, .tool: .program
    case .http: .http
    case .prometheus: .prometheus
    default: nil
    }
  }
}
