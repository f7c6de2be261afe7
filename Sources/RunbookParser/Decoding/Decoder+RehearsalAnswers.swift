import CanonicalJSON
import Diagnostics
import Expressions
import YAMLSyntax

/// What the world says in a rehearsal.
extension Decoder {
  func refuseUnanswerable(_ target: PlanAddresses.Target, _ pair: YAMLPair) {
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

  func answer(_ node: YAMLNode, _ target: PlanAddresses.Target?) -> RehearsalScenario.Answer {
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
