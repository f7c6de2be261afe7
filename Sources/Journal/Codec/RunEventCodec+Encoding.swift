import CanonicalJSON
import Expressions
import RunEngine
import RunbookParser

/// Turns events into records and back.
package enum RunEventCodec {
  /// The record of an event; `state` is the run's state, for the addresses of steps.
  package static func encode(_ event: RunEvent, in state: RunState) -> RecordBody {
    switch event {
    case .runStarted(let start):
      return RecordBody(
        type: "run.started", actor: start.operatorName,
        data: .members(
          ("id", .string(start.id)), ("runbook", .string(start.plan.name)), ("version", .string(start.plan.version)),
          ("plan", start.plan.encoded()), ("zones", encode(start.zones)), ("starter", start.starter.map(encode)),
          (
            "project",
            start.project.map { .members(("path", .string($0.path)), ("policy", .string($0.sha256))) }
          )))
    case .engineStarted(let start):
      return RecordBody(
        type: "engine.started",
        data: .members(
          ("epoch", .int(start.epoch)), ("purpose", .string(start.purpose.rawValue)),
          ("attended", .bool(start.attended)), ("survivors", start.survivorsPossible ? .bool(true) : nil)))
    case .actionStarted(let id, let process):
      return body(
        "action.started", id, state,
        ("pid", .int(Int64(process.pid))), ("start", .string(String(process.startTime))),
        ("boot", .string(process.bootID)))
    case .actionRefused(let id, let message):
      return body("action.refused", id, state, ("message", .string(message)))
    case .actionEnded(let id, let end):
      return body(isCheck(id) ? "check.ended" : "action.ended", id, state, ("end", encode(end)))
    case .tunnelOpened(let id, let port):
      return body("tunnel.opened", id, state, ("port", .int(port)))
    case .timerFired(let timer):
      return body("timer.fired", timer.owner, state, ("purpose", .string(timer.purpose.rawValue)))
    case .answered(let id, let answer, let by, let evidence):
      var body = body(
        "person.answered", id, state, ("answer", encode(answer)), ("evidence", .string(evidence.rawValue)))
      body.actor = by
      return body
    case .unanswerable(let id): return body("person.missing", id, state)
    case .voteRefused(let id, let vote, let by):
      var body = body("vote.refused", id, state, ("vote", encode(vote)))
      body.actor = by
      return body
    case .votesVerified(let id, let void, let denials):
      return body(
        "votes.verified", id, state, ("void", void.isEmpty ? nil : .array(void.map(encode))),
        ("denials", denials.isEmpty ? nil : .array(denials.map(encode))))
    case .operatorInterrupted: return RecordBody(type: "operator.interrupted")
    case .terminated: return RecordBody(type: "engine.terminated")
    case .detached: return RecordBody(type: "engine.detached")
    case .pauseRequested: return RecordBody(type: "operator.paused")
    case .abandoned(let reason, let by):
      return RecordBody(type: "run.abandoned", actor: by, data: .members(("reason", .string(reason))))
    case .intended(let id, let action, let dryRun):
      return body("intent", id, state, ("action", encode(action)), ("dry-run", dryRun.map(encode)))
    case .expanded(let step, let expansion):
      return RecordBody(
        type: "step.expanded", step: address(step, state),
        data: .members(
          ("index", .int(Int64(step.value))), ("items", items(of: expansion)), ("inputs", inputs(of: expansion))))
    case .asked(let id, let question):
      return body("person.asked", id, state, ("question", encode(question)))
    case .stepEnded(let step, let end, let outputs, let evidence):
      return RecordBody(
        type: "step.ended", step: address(step, state),
        data: .members(
          ("index", .int(Int64(step.value))), ("end", encode(end)),
          ("outputs", outputs.isEmpty ? nil : encode(outputs)), ("evidence", .string(evidence.rawValue))))
    case .failureDecided(let step, let failure, let policy):
      return RecordBody(
        type: "run.failing", step: step.map { address($0, state) },
        data: .members(
          ("index", step.map { .int(Int64($0.value)) }), ("failure", encode(failure)),
          ("policy", .string(policy.rawValue))))
    case .rollbackStarted: return RecordBody(type: "rollback.started")
    case .undoStarted(let reach):
      switch reach {
      case .temporary: return RecordBody(type: "undo.started", data: .members(("temporary", .bool(true))))
      case .within(let step):
        return RecordBody(
          type: "undo.started", step: address(step, state), data: .members(("index", .int(Int64(step.value)))))
      }
    case .undoEnded(let step, let end, let evidence):
      return RecordBody(
        type: "undo.ended", step: address(step, state),
        data: .members(
          ("index", .int(Int64(step.value))), ("end", encode(end)), ("evidence", .string(evidence.rawValue))))
    case .paused(let reason):
      return RecordBody(type: "run.paused", data: .members(("reason", .string(reason.rawValue))))
    case .runEnded(let outcome, let failure, let outputs, let evidence):
      return RecordBody(
        type: "run.ended",
        data: .members(
          ("outcome", .string(outcome.rawValue)), ("failure", failure.map(encode)),
          ("outputs", outputs.isEmpty ? nil : encode(outputs)), ("evidence", .string(evidence.rawValue))))
    }
  }

  private static func encode(_ zones: RecordedZones) -> JSON? {
    guard !zones.records.isEmpty else { return nil }
    return .object(zones.records.map { .init($0.name, Value.bytes($0.file).taggedJSON) })
  }

  private static func items(of expansion: Expansion) -> JSON? {
    if case .items(let values) = expansion { .array(values.map(\.taggedJSON)) } else { nil }
  }

  private static func inputs(of expansion: Expansion) -> JSON? {
    if case .call(let inputs) = expansion { encode(inputs) } else { nil }
  }

  // MARK: Addresses

  private static func body(
    _ type: String, _ id: EffectID, _ state: RunState, _ members: (String, JSON?)...
  ) -> RecordBody {
    var data: [JSON.Member] = [.init("id", .string(id.description))]
    for (key, value) in members { if let value { data.append(.init(key, value)) } }
    let counted = isCheck(id) ? nil : Int64(id.serial)
    return RecordBody(type: type, step: Self.address(id, state), attempt: counted, data: .object(data))
  }

  /// Whether an effect belongs to a check rather than to an action.
  private static func isCheck(_ id: EffectID) -> Bool {
    switch id.slot {
    case .action, .undo, .notice: false
    case .tool, .precondition, .confirmation, .item, .applied, .doubt, .verify, .undoVerify, .ready, .tunnel, .policy:
      true
    }
  }

  /// The address of a step.
  package static func address(_ step: StepIndex, _ state: RunState) -> String {
    (state.isFinal(step) && state.owner(of: step) == nil ? "finally." : "steps.") + state.path(of: step)
  }

  /// The address of an effect, such as `steps.promote.verify.0`.
  package static func address(_ id: EffectID, _ state: RunState) -> String {
    guard let step = id.step else {
      switch id.slot {
      case .tool(let place): return "tools." + state.plan.tools[place].name
      case .precondition(let place):
        return "preconditions." + name(of: state.plan.preconditions[place].check, place)
      case .notice(let place): return "notify.\(place)"
      case .tunnel(let place): return "tunnels." + state.plan.tunnels[place].name
      default: return "run"
      }
    }
    let base = address(step, state)
    switch id.slot {
    case .tool, .confirmation, .action, .tunnel, .notice, .policy: return base
    case .ready: return "\(base).ready"
    case .precondition(let place):
      return "\(base).preconditions." + name(of: state.step(step).preconditionChecks[place], place)
    case .item(let place): return "\(base).items." + (itemName(state.step(step), place) ?? String(place))
    case .applied, .doubt: return "\(base).applied"
    case .verify(let place): return "\(base).verify." + name(of: state.step(step).verify[place], place)
    case .undo(let place): return place == 0 ? "\(base).rollback" : "\(base).rollback.\(place)"
    case .undoVerify(let undo, let place):
      guard case .actions(let actions) = state.step(step).rollback else { return base }
      let prefix = actions.count == 1 ? "\(base).rollback" : "\(base).rollback.\(undo)"
      return "\(prefix).verify." + name(of: actions[undo].verify[place], place)
    }
  }

  /// The id of an item of a checklist; nil where it has none.
  private static func itemName(_ step: PlannedStep, _ place: Int) -> String? {
    guard case .checklist(let items) = step.action, place < items.count else { return nil }
    switch items[place] {
    case .tick(let tick): return tick.id
    case .check(let check): return check.id
    }
  }

  private static func name(of check: Check, _ place: Int) -> String { check.id ?? String(place) }

  // MARK: Parts

  static func encode(_ end: ActionEnd) -> JSON {
    var members: [JSON.Member] = []
    switch end.ending {
    case .exited(let status, let stdout, let stderr):
      members = [.init("exit", .int(Int64(status)))] + streams(stdout, stderr)
    case .signalled(let signal, let stdout, let stderr):
      members = [.init("signal", .int(Int64(signal)))] + streams(stdout, stderr)
    case .answered(let answer):
      members = [
        .init("status", .int(Int64(answer.status))),
        .init("headers", .array(answer.headers.map { .array([.string($0.name), .string($0.value)]) })),
      ]
      if let body = encode(answer.body) { members.append(.init("body", body)) }
      if let expires = answer.certificateExpires { members.append(.init("expires", .int(expires))) }
    case .unanswered(let reason):
      members = [.init("unanswered", .string(reason))]
      if !end.mayHaveReached { members.append(.init("unreached", .bool(true))) }
    case .cancelled: members = [.init("cancelled", .bool(true))]
    case .refuted: members = [.init("refuted", .bool(true))]
    case .assumed:
      members = [.init("assumed", .bool(true))] + (end.trial.map { streams($0.stdout, $0.stderr) } ?? [])
    }
    members.append(.init("ms", .int(end.duration)))
    if end.evidence != .observed { members.append(.init("evidence", .string(end.evidence.rawValue))) }
    if !end.given.isEmpty { members.append(.init("given", encode(end.given))) }
    if !end.notes.isEmpty { members.append(.init("notes", .array(end.notes.map { .string($0) }))) }
    return .object(members)
  }

  private static func streams(_ stdout: CapturedOutput, _ stderr: CapturedOutput) -> [JSON.Member] {
    var members: [JSON.Member] = []
    if let stdout = encode(stdout) { members.append(.init("stdout", stdout)) }
    if let stderr = encode(stderr) { members.append(.init("stderr", stderr)) }
    return members
  }

  private static func encode(_ output: CapturedOutput) -> JSON? {
    guard let sha256 = output.sha256 else { return nil }
    // Under another name, for nobody is to look for it in the store.
    if !output.isKept { return .members(("dropped", .string(sha256)), ("bytes", .int(output.bytes))) }
    return .members(
      ("sha256", .string(sha256)), ("bytes", .int(output.bytes)), ("truncated", output.truncated ? .bool(true) : nil))
  }

  static func encode(_ action: ResolvedAction) -> JSON {
    switch action {
    case .program(let program):
      .members(
        ("exec", .array(program.arguments.map { .string($0) })),
        ("env", program.environment.isEmpty ? nil : encode(program.environment)),
        ("directory", .text(program.directory)), ("input", program.input.map(encode)),
        ("on", program.place.map(encode)))
    case .http(let call):
      .members(
        ("method", .string(call.method)), ("url", .string(call.url)),
        ("headers", call.headers.isEmpty ? nil : encode(call.headers)), ("body", call.body.map(encode)),
        ("follow", call.follow ? .bool(true) : nil), ("ca", .text(call.ca)))
    case .ask(let question): .members(("ask", encode(question)))
    case .wait(let milliseconds): .members(("wait", .int(milliseconds)))
    case .inner: .object([])
    }
  }

  private static func encode(_ text: ResolvedText) -> JSON {
    switch text {
    case .text(let text): .members(("text", .string(text)))
    case .secret(let name): .members(("secret", .string(name)))
    }
  }

  private static func encode(_ variables: [ResolvedVariable]) -> JSON {
    .array(variables.map { .array([.string($0.name), encode($0.value)]) })
  }

  static func encode(_ values: [NamedValue]) -> JSON {
    .array(values.map { .array([.string($0.name), $0.value.taggedJSON]) })
  }

  static func encode(_ failure: Failure) -> JSON {
    .members(("cause", .string(failure.cause.rawValue)), ("message", .string(failure.message)))
  }

  static func encode(_ end: StepEnd) -> JSON {
    switch end {
    case .succeeded: .members(("status", .string("succeeded")))
    case .skipped(let reason): .members(("status", .string("skipped")), ("reason", .string(reason)))
    case .failed(let failure, let inDoubt):
      .members(
        ("status", .string("failed")), ("failure", encode(failure)), ("in-doubt", inDoubt ? .bool(true) : nil))
    }
  }

  static func encode(_ end: UndoEnd) -> JSON {
    switch end {
    case .undone: .members(("status", .string("undone")))
    case .spared(let reason): .members(("status", .string("spared")), ("reason", .string(reason)))
    case .left(let reason): .members(("status", .string("left")), ("reason", .string(reason)))
    case .failed(let reason, let inDoubt):
      .members(
        ("status", .string("failed")), ("reason", .string(reason)), ("in-doubt", inDoubt ? .bool(true) : nil))
    case .heldBack(let reason): .members(("status", .string("held-back")), ("reason", .string(reason)))
    }
  }

  static func encode(_ answer: Answer) -> JSON {
    switch answer {
    case .yes(let fields): .members(("yes", .bool(true)), ("fields", fields.isEmpty ? nil : encode(fields)))
    case .no(let reason): .members(("no", .string(reason)))
    case .notApplicable: .members(("not-applicable", .bool(true)))
    case .choice(let choice): .members(("choice", .string(choice)))
    case .vote(let vote): .members(("vote", encode(vote)))
    }
  }

  package static func encode(_ question: Question) -> JSON {
    let audience = question.audience.map { audience in
      JSON.members(
        ("roles", .array(audience.roles.map { .string($0) })), ("logins", .array(audience.logins.map { .string($0) })))
    }
    switch question.kind {
    case .confirm(let typing):
      return .members(
        ("text", .string(question.text)), ("kind", .string("confirm")), ("type", .text(typing)), ("from", audience))
    case .manual(let fields):
      return .members(
        ("text", .string(question.text)), ("kind", .string("manual")),
        ("fields", fields.isEmpty ? nil : .array(fields.map { .string($0.name) })), ("from", audience))
    case .tick(let evidence, let notApplicable):
      return .members(
        ("text", .string(question.text)), ("kind", .string("tick")), ("evidence", evidence ? .bool(true) : nil),
        ("not-applicable", notApplicable ? .bool(true) : nil), ("from", audience))
    case .choose(let choices):
      return .members(
        ("text", .string(question.text)), ("kind", .string("choose")),
        ("choices", .array(choices.map { .array([.string($0.id), .string($0.title)]) })), ("from", audience))
    case .approval(let request): return encode(request, text: question.text)
    }
  }
}
