import CanonicalJSON
import Expressions

extension RunPlan {
  /// Reads what `encoded` wrote, and works out the digest again.
  public init(decoding json: JSON) throws(PlanCodingError) {
    let plan = try ObjectReader(json, "the plan")
    guard plan.number("form") == Self.encodingVersion else {
      throw PlanCodingError("the plan has a form that this version does not know")
    }
    self.init(name: try plan.text("name"), title: try plan.text("title"), version: try plan.text("version"))
    environment = plan.optionalText("environment")
    inputs = try mapEach(plan.list("inputs")) { json throws(PlanCodingError) in try PlannedInput(decoding: json) }
    values = try mapEach(plan.list("values")) { json throws(PlanCodingError) in
      let value = try ObjectReader(json, "a value")
      return NamedValue(name: try value.text("name"), value: try Value(decodingPlan: try value.value("value")))
    }
    platform = try mapSome(plan.optional("platform")) { json throws(PlanCodingError) in try Value(decodingPlan: json) }
    policy = try mapSome(plan.optional("policy")) { json throws(PlanCodingError) in try Policy(decoding: json) }
    tools = try mapEach(plan.list("tools")) { json throws(PlanCodingError) in try ToolRequirement(decoding: json) }
    locks = plan.texts("locks")
    concurrent = plan.flag("concurrent")
    onFailure = try plan.optionalWord("onFailure", FailurePolicy.self)
    maxParallel = plan.number("maxParallel").map(Int.init)
    timeout = plan.number("timeout")
    detached = try plan.optionalWord("detached", DetachedPolicy.self) ?? .pause
    zones = plan.texts("zones")
    tunnels = try mapEach(plan.list("tunnels")) { json throws(PlanCodingError) in try Tunnel(decoding: json) }
    notices = try mapEach(plan.list("notify")) { json throws(PlanCodingError) in try RunNotice(decoding: json) }
    preconditions = try mapEach(plan.list("preconditions")) { json throws(PlanCodingError) in
      try Precondition(decoding: json)
    }
    steps = try PlannedStep.list(plan.list("steps"))
    finally = try PlannedStep.list(plan.list("finally"))
    outputs = try OutputDeclaration.list(plan.list("outputs"))
    if let json = plan.optional("objectives") {
      let members = try ObjectReader(json, "the objectives")
      objectives = Objectives(recoveryTime: members.number("rto"), recoveryPoint: members.number("rpo"))
    }
    seal()
  }
}

extension Value {
  init(decodingPlan json: JSON) throws(PlanCodingError) {
    guard let value = Value(tagged: json) else { throw PlanCodingError("a value cannot be read") }
    self = value
  }
}

extension Expression {
  static func decoded(_ source: String?) throws(PlanCodingError) -> Expression? {
    guard let source else { return nil }
    guard case .success(let expression) = parse(source) else {
      throw PlanCodingError("the expression `\(source)` cannot be read")
    }
    return expression
  }

  static func decodedRequired(_ source: String) throws(PlanCodingError) -> Expression {
    guard let expression = try decoded(source) else { throw PlanCodingError("an expression is missing") }
    return expression
  }
}

extension PlannedInput {
  init(decoding json: JSON) throws(PlanCodingError) {
    let input = try ObjectReader(json, "an input")
    self.init(
      name: try input.text("name"), type: try InputType(decoding: try input.value("type")), content: .absent,
      isOptional: input.flag("optional"))
    if let value = input.optional("value") {
      content = .value(try Value(decodingPlan: value))
    } else if let source = input.optional("secret") {
      content = .secret(try SecretSource(decoding: source))
    }
  }
}

extension SecretSource {
  init(decoding json: JSON) throws(PlanCodingError) {
    if json.string == "prompt" {
      self = .prompt
    } else if let name = json["env"]?.string {
      self = .env(name)
    } else if let path = json["file"]?.string {
      self = .file(path)
    } else if let words = json["command"]?.array {
      self = .command(words.compactMap(\.string))
    } else {
      throw PlanCodingError("the source of a secret is unknown")
    }
  }
}

extension ToolRequirement {
  init(decoding json: JSON) throws(PlanCodingError) {
    let tool = try ObjectReader(json, "a tool")
    self.init(name: try tool.text("name"))
    if let text = tool.optionalText("version") {
      guard let constraint = VersionConstraint(text) else { throw PlanCodingError("`\(text)` bounds no version") }
      version = constraint
    }
    command = tool.texts("command")
    pattern = tool.optionalText("pattern")
  }
}

extension InputType {
  /// Reads what `encoded` wrote.
  package init(decoding json: JSON) throws(PlanCodingError) {
    if let name = json.string {
      self = try Self.named(name, .object([]))
    } else {
      self = try Self.named(try ObjectReader(json, "a type").text("type"), json)
    }
  }

  private static func named(_ name: String, _ json: JSON) throws(PlanCodingError) -> InputType {
    let type = try ObjectReader(json, "a type")
    func double(_ key: String) -> Double? {
      type.optionalText(key).flatMap { Double($0) } ?? type.number(key).map(Double.init)
    }
    switch name {
    case "string": return .string(pattern: type.optionalText("pattern"))
    case "int": return .int(min: type.number("min"), max: type.number("max"))
    case "number": return .number(min: double("min"), max: double("max"))
    case "bool": return .bool
    case "duration": return .duration(min: type.number("min"), max: type.number("max"))
    case "size": return .size(min: type.number("min"), max: type.number("max"))
    case "timestamp": return .timestamp
    case "enum": return .enum(type.texts("values"))
    case "list": return .list(of: try InputType(decoding: try type.value("of")))
    case "map": return .map(of: try InputType(decoding: try type.value("of")))
    case "record":
      return .record(
        try mapEach(type.list("fields")) { json throws(PlanCodingError) in
          let field = try ObjectReader(json, "a field")
          return Field(
            name: try field.text("name"), type: try InputType(decoding: try field.value("type")),
            required: !field.flag("optional"))
        })
    case "json": return .json
    case "secret": return .secret
    default: throw PlanCodingError("the type \(name) is unknown")
    }
  }
}

extension OutputDeclaration {
  static func list(_ list: [JSON]) throws(PlanCodingError) -> [OutputDeclaration] {
    try mapEach(list) { json throws(PlanCodingError) in
      let output = try ObjectReader(json, "an output")
      return OutputDeclaration(
        name: try output.text("name"), type: try InputType(decoding: try output.value("type")),
        value: try Expression.decodedRequired(try output.text("value")))
    }
  }
}

extension PlannedStep {
  init(decoding json: JSON) throws(PlanCodingError) {
    let step = try ObjectReader(json, "a step")
    self.init(
      id: try step.text("id"), effect: try step.word("effect", Effect.self),
      action: try Action(decoding: try step.value("action")))
    title = step.optionalText("title")
    needs = step.list("needs").compactMap { $0.int.map { Int($0) } }
    when = try Expression.decoded(step.optionalText("when"))
    dryRun = try mapSome(step.optional("dryRun")) { json throws(PlanCodingError) in try Action(decoding: json) }
    preconditions = try mapEach(step.list("preconditions")) { json throws(PlanCodingError) in
      try Precondition(decoding: json)
    }
    expect = try Expression.decoded(step.optionalText("expect"))
    outputs = try OutputDeclaration.list(step.list("outputs"))
    applied = try mapSome(step.optional("applied")) { json throws(PlanCodingError) in try Check(decoding: json) }
    repeatable = step.flag("repeatable")
    verify = try Check.list(step.list("verify"))
    rollback = try Rollback(decoding: step.optional("rollback"))
    if let json = step.optional("confirm") {
      let members = try ObjectReader(json, "a confirmation")
      confirm = Confirmation(
        message: try Text(decoding: try members.value("message")),
        type: try mapSome(members.optional("type")) { json throws(PlanCodingError) in try Text(decoding: json) })
    }
    approval = try mapSome(step.optional("approval")) { json throws(PlanCodingError) in try Approval(decoding: json) }
    retry = try mapSome(step.optional("retry")) { json throws(PlanCodingError) in try Retry(decoding: json) }
    timeout = step.number("timeout")
    onFailure = try step.optionalWord("onFailure", FailurePolicy.self)
    undoScope = try step.optionalWord("undoes", UndoScope.self)
    inheritsFailure = step.flag("inherits")
    temporary = step.flag("temporary")
    keepsOutput = !step.flag("dropsOutput")
    ready = try mapSome(step.optional("ready")) { json throws(PlanCodingError) in try Check(decoding: json) }
  }

  /// Steps of which each needs only what stands before it.
  static func list(_ list: [JSON]) throws(PlanCodingError) -> [PlannedStep] {
    let steps = try mapEach(list) { json throws(PlanCodingError) in try PlannedStep(decoding: json) }
    for (index, step) in steps.enumerated() where step.needs.contains(where: { $0 >= index || $0 < 0 }) {
      throw PlanCodingError("the step \(step.id) needs what does not come before it")
    }
    return steps
  }
}

extension Rollback {
  init(decoding json: JSON?) throws(PlanCodingError) {
    guard let json else {
      self = .nothing
      return
    }
    if let actions = json.array {
      self = .actions(try mapEach(actions) { json throws(PlanCodingError) in try UndoAction(decoding: json) })
    } else {
      let none = try ObjectReader(json, "a rollback")
      self = .none(because: try none.text("because"), mendedBy: none.optionalText("mendedBy"))
    }
  }
}

extension UndoAction {
  init(decoding json: JSON) throws(PlanCodingError) {
    let undo = try ObjectReader(json, "a way back")
    self.init(try Action(decoding: try undo.value("action")))
    when = try Expression.decoded(undo.optionalText("when"))
    expect = try Expression.decoded(undo.optionalText("expect"))
    timeout = undo.number("timeout")
    retry = try mapSome(undo.optional("retry")) { json throws(PlanCodingError) in try Retry(decoding: json) }
    verify = try Check.list(undo.list("verify"))
    repeatable = undo.flag("repeatable")
    continuesOnFailure = undo.flag("continues")
  }
}

extension Retry {
  init(decoding json: JSON) throws(PlanCodingError) {
    let retry = try ObjectReader(json, "a retry")
    self.init(attempts: Int(retry.number("attempts") ?? 1))
    delay = retry.number("delay") ?? delay
    backoffPermille = retry.number("backoff") ?? backoffPermille
    maxDelay = retry.number("maxDelay")
    when = try Expression.decoded(retry.optionalText("when"))
  }
}
