import RunEngine
import RunbookParser

/// Which secrets the records of a run show as used.
enum SecretUse {
  /// The secrets that earlier engines of a run read, in order: those of every intent, and of every check that was asked.
  static func names(in run: StoredRun) -> [String] {
    var names: Set<String> = []
    for entry in run.entries {
      switch entry.event {
      case .intended(_, let action, let dryRun):
        names.formUnion(action.secretNames)
        names.formUnion(dryRun?.secretNames ?? [])
      case .actionEnded(let id, _), .actionRefused(let id, _):
        for check in checks(asked: id, run.state) { names.formUnion(check.secretNames) }
      default: break
      }
    }
    return names.sorted()
  }

  /// The checks that an effect may belong to.
  private static func checks(asked id: EffectID, _ state: RunState) -> [Check] {
    guard let step = id.step else {
      guard case .precondition(let place) = id.slot else { return [] }
      return [state.plan.preconditions[place].check]
    }
    let planned = state.step(step)
    switch id.slot {
    case .precondition(let place):
      // Those of the step, or of the runbook that it calls.
      var lists = [planned.preconditions]
      if case .call(let call) = planned.action { lists.append(call.preconditions) }
      return lists.compactMap { $0.indices.contains(place) ? $0[place].check : nil }
    case .action: return checks(of: planned.action)
    case .item: return checks(of: planned.action)
    case .ready: return planned.ready.map { [$0] } ?? []
    case .applied: return planned.applied.map { [$0] } ?? []
    case .doubt: return (planned.applied.map { [$0] } ?? []) + planned.verify
    case .verify(let place): return [planned.verify[place]]
    case .undo(let place):
      guard case .actions(let actions) = planned.rollback else { return [] }
      return checks(of: actions[place].action)
    case .undoVerify(let undo, let place):
      guard case .actions(let actions) = planned.rollback else { return [] }
      return [actions[undo].verify[place]]
    case .tool, .confirmation, .tunnel, .notice, .policy: return []
    }
  }

  /// The checks that an action asks itself.
  private static func checks(of action: Action) -> [Check] {
    switch action {
    case .check(let check): [check]
    case .checklist(let items): items.compactMap { if case .check(let check) = $0 { check } else { nil } }
    default: []
    }
  }
}

extension Check {
  /// The secrets that it takes to ask it, with the checks inside it.
  var secretNames: Set<String> {
    var names: Set<String> = []
    var open = [self]
    while let check = open.popLast() {
      switch check.probe {
      case .program(let program):
        names.formUnion(program.environment.compactMap(\.value.secretName))
        if let name = program.input?.secretName { names.insert(name) }
      case .http(let call):
        names.formUnion(call.headers.compactMap(\.value.secretName))
        if let name = call.body?.secretName { names.insert(name) }
      case .prometheus(let query): names.formUnion(query.headers.compactMap(\.value.secretName))
      case .any(let checks), .all(let checks): open += checks
      case .not(let check): open.append(check)
      case .assert, .manual, .tool: break
      }
    }
    return names
  }
}

extension Text {
  /// The secret that it is as a whole.
  fileprivate var secretName: String? { if case .secret(let name) = self { name } else { nil } }
}

extension ResolvedAction {
  /// The secrets whose values it takes to start it.
  package var secretNames: [String] {
    var texts: [ResolvedText] = []
    switch self {
    case .program(let program): texts = program.environment.map(\.value) + (program.input.map { [$0] } ?? [])
    case .http(let call): texts = call.headers.map(\.value) + (call.body.map { [$0] } ?? [])
    case .ask, .wait, .inner: break
    }
    return texts.compactMap { if case .secret(let name) = $0 { name } else { nil } }
  }
}
