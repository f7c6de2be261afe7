import CanonicalJSON
import Expressions
import RunEngine
import RunbookParser

extension RunEventCodec {
  /// The event of a record.
  ///
  /// - Parameters:
  ///   - state: The state that the records before it led to; nil for the first.
  ///   - load: Gives the beginning of a stored output.
  package static func decode(
    _ body: RecordBody, in state: RunState?, load: OutputLoader
  ) throws(CodecError) -> RunEvent {
    let data = body.data
    switch body.type {
    case "run.started":
      let plan: RunPlan
      do {
        plan = try RunPlan(decoding: try data.require("plan"))
      } catch {
        throw CodecError("the plan cannot be read: \(error)")
      }
      return .runStarted(
        RunStart(
          id: try data.requireString("id"), operatorName: body.actor ?? "", plan: plan,
          zones: try decodeZones(data["zones"]),
          starter: try data["starter"].map { json throws(CodecError) in try decodeStarter(json) },
          project: try data["project"].map { json throws(CodecError) in
            PolicyMark(path: try json.requireString("path"), sha256: try json.requireString("policy"))
          }))
    case "engine.started":
      return .engineStarted(
        EngineStart(
          epoch: try data.requireInt("epoch"), purpose: try data.requireCase("purpose", EngineStart.Purpose.self),
          attended: data["attended"]?.bool ?? false, survivorsPossible: data["survivors"]?.bool ?? false))
    case "action.started":
      guard let start = UInt64(try data.requireString("start")) else { throw CodecError("start is not a number") }
      return .actionStarted(
        try data.requireID("id"),
        ProcessMark(
          pid: Int32(clamping: try data.requireInt("pid")), startTime: start, bootID: try data.requireString("boot")))
    case "action.refused": return .actionRefused(try data.requireID("id"), try data.requireString("message"))
    case "action.ended", "check.ended":
      return .actionEnded(try data.requireID("id"), try decodeEnd(try data.require("end"), load))
    case "tunnel.opened": return .tunnelOpened(try data.requireID("id"), port: try data.requireInt("port"))
    case "timer.fired":
      return .timerFired(
        TimerID(owner: try data.requireID("id"), purpose: try data.requireCase("purpose", TimerPurpose.self)))
    case "person.answered":
      return .answered(
        try data.requireID("id"), try decodeAnswer(try data.require("answer")), by: body.actor ?? "",
        evidence: try data.requireCase("evidence", Evidence.self))
    case "person.missing": return .unanswerable(try data.requireID("id"))
    case "vote.refused":
      return .voteRefused(
        try data.requireID("id"), try decodeVoid(.array([try data.require("vote")]))[0], by: body.actor ?? "")
    case "votes.verified":
      return .votesVerified(
        try data.requireID("id"), void: try decodeVoid(data["void"]), denials: try decodeVotes(data["denials"]))
    case "operator.interrupted": return .operatorInterrupted
    case "engine.terminated": return .terminated
    case "engine.detached": return .detached
    case "operator.paused": return .pauseRequested
    case "run.abandoned": return .abandoned(reason: try data.requireString("reason"), by: body.actor ?? "")
    case "intent":
      let id = try data.requireID("id")
      return .intended(
        id, try decodeAction(try data.require("action"), id, state),
        dryRun: try data["dry-run"].map { json throws(CodecError) in try decodeAction(json, id, state) })
    case "step.expanded":
      return .expanded(StepIndex(Int(try data.requireInt("index"))), try decodeExpansion(data))
    case "person.asked":
      let id = try data.requireID("id")
      return .asked(id, try decodeQuestion(try data.require("question"), id, state))
    case "step.ended":
      return .stepEnded(
        StepIndex(Int(try data.requireInt("index"))), try decodeStepEnd(try data.require("end")),
        outputs: try decodeValues(data["outputs"]), evidence: try data.requireCase("evidence", Evidence.self))
    case "run.failing":
      return .failureDecided(
        data["index"]?.int.map { StepIndex(Int($0)) }, try decodeFailure(try data.require("failure")),
        try data.requireCase("policy", FailurePolicy.self))
    case "rollback.started": return .rollbackStarted
    case "undo.started":
      if data["temporary"] != nil { return .undoStarted(.temporary) }
      return .undoStarted(.within(StepIndex(Int(try data.requireInt("index")))))
    case "undo.ended":
      return .undoEnded(
        StepIndex(Int(try data.requireInt("index"))), try decodeUndoEnd(try data.require("end")),
        evidence: try data.requireCase("evidence", Evidence.self))
    case "run.paused": return .paused(try data.requireCase("reason", PauseReason.self))
    case "run.ended":
      return .runEnded(
        try data.requireCase("outcome", RunOutcome.self),
        try data["failure"].map { json throws(CodecError) in try decodeFailure(json) },
        outputs: try decodeValues(data["outputs"]), evidence: try data.requireCase("evidence", Evidence.self))
    default:
      throw CodecError("records of the type \(body.type) are not known to this version")
    }
  }

  private static func decodeZones(_ json: JSON?) throws(CodecError) -> [ZoneRecord] {
    guard case .object(let members)? = json else { return [] }
    var zones: [ZoneRecord] = []
    for member in members {
      guard case .bytes(let file)? = Value(tagged: member.value) else {
        throw CodecError("the zone \(member.key) cannot be read")
      }
      zones.append(ZoneRecord(name: member.key, file: file))
    }
    return zones
  }

  private static func decodeExpansion(_ data: JSON) throws(CodecError) -> Expansion {
    if let items = data["items"]?.array {
      var values: [Value] = []
      for item in items {
        guard let value = Value(tagged: item) else { throw CodecError("an item cannot be read") }
        values.append(value)
      }
      return .items(values)
    }
    if let inputs = data["inputs"] { return .call(try decodeValues(inputs)) }
    return .group
  }

  // MARK: Parts

  private static func decodeEnd(_ json: JSON, _ load: OutputLoader) throws(CodecError) -> ActionEnd {
    let ending: ActionEnd.Ending
    var trial: ActionEnd.Trial?
    var lost: [String] = []
    func output(_ name: String) throws(CodecError) -> CapturedOutput {
      guard let json = json[name] else { return CapturedOutput() }
      let output = try decodeOutput(json, load)
      // Truncated, so that an expression over it errs instead of taking it for none.
      guard let output else {
        lost.append(
          "its \(name) of \(try json.requireInt("bytes")) bytes is not in the store any more, or damaged there (`belay audit verify` says which)"
        )
        return CapturedOutput(
          bytes: try json.requireInt("bytes"), sha256: try json.requireString("sha256"), truncated: true)
      }
      return output
    }
    if let status = json["exit"]?.int {
      ending = .exited(
        status: Int(status), stdout: try output("stdout"),
        stderr: try output("stderr"))
    } else if let signal = json["signal"]?.int {
      ending = .signalled(
        signal: Int(signal), stdout: try output("stdout"),
        stderr: try output("stderr"))
    } else if let status = json["status"]?.int {
      let headers = (json["headers"]?.array ?? []).map {
        HTTPAnswer.Header(name: $0.array?.first?.string ?? "", value: $0.array?.last?.string ?? "")
      }
      ending = .answered(
        HTTPAnswer(
          status: Int(status), headers: headers, body: try output("body"),
          certificateExpires: json["expires"]?.int))
    } else if let reason = json["unanswered"]?.string {
      ending = .unanswered(reason)
    } else if json["cancelled"] != nil {
      ending = .cancelled
    } else if json["refuted"] != nil {
      ending = .refuted
    } else if json["assumed"] != nil {
      ending = .assumed
      if json["stdout"] != nil || json["stderr"] != nil {
        trial = ActionEnd.Trial(stdout: try output("stdout"), stderr: try output("stderr"))
      }
    } else {
      throw CodecError("the end of an action says nothing")
    }
    return ActionEnd(
      ending, duration: try json.requireInt("ms"),
      evidence: json["evidence"] == nil ? .observed : try json.requireCase("evidence", Evidence.self),
      notes: (json["notes"]?.array ?? []).compactMap(\.string) + lost, mayHaveReached: json["unreached"] == nil,
      trial: trial, given: try decodeValues(json["given"]))
  }

  /// Nil where the store has lost the output.
  private static func decodeOutput(_ json: JSON, _ load: OutputLoader) throws(CodecError) -> CapturedOutput? {
    if let dropped = json["dropped"]?.string {
      return CapturedOutput(bytes: try json.requireInt("bytes"), sha256: dropped, truncated: true, isKept: false)
    }
    let sha256 = try json.requireString("sha256")
    let head: [UInt8]?
    do {
      head = try load(sha256)
    } catch {
      throw CodecError("the stored output \(sha256) cannot be read: \(error)")
    }
    return try head.map { head throws(CodecError) in
      CapturedOutput(
        text: String(decoding: head, as: UTF8.self), bytes: try json.requireInt("bytes"), sha256: sha256,
        truncated: json["truncated"]?.bool ?? false)
    }
  }

  static func decodeAction(
    _ json: JSON, _ id: EffectID, _ state: RunState?
  ) throws(CodecError) -> ResolvedAction {
    if let arguments = json["exec"]?.array {
      return .program(
        ResolvedProgram(
          arguments: arguments.compactMap(\.string), environment: try decodeVariables(json["env"]),
          directory: json["directory"]?.string, input: try decodeText(json["input"]),
          place: try json["on"].map { json throws(CodecError) in try decodePlace(json) }))
    }
    if let url = json["url"]?.string {
      return .http(
        ResolvedHTTPCall(
          method: try json.requireString("method"), url: url, headers: try decodeVariables(json["headers"]),
          body: try decodeText(json["body"]), follow: json["follow"]?.bool ?? false, ca: json["ca"]?.string))
    }
    if let question = json["ask"] { return .ask(try decodeQuestion(question, id, state)) }
    if let milliseconds = json["wait"]?.int { return .wait(milliseconds) }
    return .inner
  }

  private static func decodeText(_ json: JSON?) throws(CodecError) -> ResolvedText? {
    guard let json else { return nil }
    if let text = json["text"]?.string { return .text(text) }
    return .secret(try json.requireString("secret"))
  }

  private static func decodeVariables(_ json: JSON?) throws(CodecError) -> [ResolvedVariable] {
    var variables: [ResolvedVariable] = []
    for entry in json?.array ?? [] {
      guard let pair = entry.array, pair.count == 2, let name = pair[0].string, let value = try decodeText(pair[1])
      else { throw CodecError("a variable is not a name and a value") }
      variables.append(ResolvedVariable(name: name, value: value))
    }
    return variables
  }

  static func decodeValues(_ json: JSON?) throws(CodecError) -> [NamedValue] {
    var values: [NamedValue] = []
    for entry in json?.array ?? [] {
      guard let pair = entry.array, pair.count == 2, let name = pair[0].string, let value = Value(tagged: pair[1])
      else { throw CodecError("an output is not a name and a value") }
      values.append(NamedValue(name: name, value: value))
    }
    return values
  }

  private static func decodeFailure(_ json: JSON) throws(CodecError) -> Failure {
    Failure(try json.requireCase("cause", FailureCause.self), try json.requireString("message"))
  }

  private static func decodeStepEnd(_ json: JSON) throws(CodecError) -> StepEnd {
    switch try json.requireString("status") {
    case "succeeded": .succeeded
    case "skipped": .skipped(try json.requireString("reason"))
    case "failed":
      .failed(try decodeFailure(try json.require("failure")), inDoubt: json["in-doubt"]?.bool ?? false)
    default: throw CodecError("a step ended in an unknown way")
    }
  }

  private static func decodeUndoEnd(_ json: JSON) throws(CodecError) -> UndoEnd {
    switch try json.requireString("status") {
    case "undone": .undone
    case "spared": .spared(try json.requireString("reason"))
    case "left": .left(try json.requireString("reason"))
    case "failed": .failed(try json.requireString("reason"), inDoubt: json["in-doubt"]?.bool ?? false)
    case "held-back": .heldBack(try json.requireString("reason"))
    default: throw CodecError("an undo ended in an unknown way")
    }
  }

  private static func decodeAnswer(_ json: JSON) throws(CodecError) -> Answer {
    if json["yes"] != nil { return .yes(fields: try decodeValues(json["fields"])) }
    if json["not-applicable"] != nil { return .notApplicable }
    if let choice = json["choice"]?.string { return .choice(choice) }
    if let vote = json["vote"] { return .vote(try decodeVote(vote)) }
    return .no(try json.requireString("no"))
  }

  private static func decodeQuestion(
    _ json: JSON, _ id: EffectID, _ state: RunState?
  ) throws(CodecError) -> Question {
    let kind: Question.Kind
    switch try json.requireString("kind") {
    case "confirm": kind = .confirm(typing: json["type"]?.string)
    case "manual": kind = .manual(fields: fields(of: id, state))
    case "tick":
      kind = .tick(
        evidence: json["evidence"]?.bool ?? false, notApplicable: json["not-applicable"]?.bool ?? false)
    case "choose":
      kind = .choose(
        (json["choices"]?.array ?? []).map {
          Question.Choice(id: $0.array?.first?.string ?? "", title: $0.array?.last?.string ?? "")
        })
    case "approval": kind = .approval(try decodeRequest(json, id, state))
    default: throw CodecError("a question of an unknown kind")
    }
    let audience = json["from"].map { from in
      Audience(
        roles: from["roles"]?.array?.compactMap(\.string) ?? [],
        logins: from["logins"]?.array?.compactMap(\.string) ?? [])
    }
    return Question(text: try json.requireString("text"), kind: kind, audience: audience)
  }

  /// The fields that a `manual` action asks for, from the plan.
  private static func fields(of id: EffectID, _ state: RunState?) -> [FieldDeclaration] {
    guard let state, let step = id.step else { return [] }
    let planned = state.step(step)
    switch (id.slot, planned.rollback) {
    case (.undo(let place), .actions(let actions)):
      if case .manual(let manual) = actions[place].action { return manual.fields }
    default:
      if case .manual(let manual) = planned.action { return manual.fields }
    }
    return []
  }
}
