import Diagnostics
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
      decoded.rehearsal.people[pair.key] = list(pair.value).compactMap { node in
        if let target, let plan = decoded.plan { refuseUnasked(node, target, pair.key, plan) }
        return saying(node, target)
      }
    }
    for node in root["faults"].map({ elements($0, "`faults`") }) ?? [] {
      guard let node = mapping(node, .fault), let place = node["at"], let address = plainText(place, "`at`"),
        let kind = word(node["kind"], RehearsalScenario.Fault.Kind.self, "`kind`")
      else { continue }
      let fault = RehearsalScenario.Fault(kind, at: address)
      // Records have numbers, and no place in the plan.
      if fault.record == nil, let target = self.target(address, place.span, addresses) {
        refuse(kind, of: target, address, node)
      }
      decoded.rehearsal.faults.append(fault)
    }
    decoded.rehearsal.then = (root["then"].map { list($0) } ?? []).compactMap {
      word($0, RehearsalScenario.Act.self, "`then`")
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
  func list(_ node: YAMLNode) -> [YAMLNode] { node.sequence ?? (node.isEmpty ? [] : [node]) }

  // MARK: Addresses

  func target(_ address: String, _ span: ByteSpan, _ addresses: PlanAddresses?) -> PlanAddresses.Target? {
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

  // MARK: What must come of it

  private func expectation(_ node: YAMLNode, _ addresses: PlanAddresses?) -> RehearsalScenario.Expectation {
    var expectation = RehearsalScenario.Expectation()
    guard let node = mapping(node, .expectation) else { return expectation }
    expectation.outcome = word(node["outcome"], RehearsalScenario.Outcome.self, "`outcome`")
    expectation.within = duration(node["within"], "`within`")
    if let order = node["order"] {
      expectation.order = names(order, "`order`").map { said in
        let step = said.name.hasPrefix("undo ") ? String(said.name.dropFirst(5)) : said.name
        let isFinal = addresses?["finally." + step] != nil
        if !isFinal { stepAddress("steps." + step, said.span, addresses) }
        if addresses?.holdsOthers((isFinal ? "finally." : "steps.") + step) == true {
          report(
            .unknownAddress, "`\(step)` holds others, and begins where they do", said.span,
            notes: ["name what stands inside, such as `\(step)[0]` or `\(step)/ID`"])
        }
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
