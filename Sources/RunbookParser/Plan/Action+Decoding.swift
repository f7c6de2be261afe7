import CanonicalJSON
import Expressions

extension Text {
  init(decoding json: JSON) throws(PlanCodingError) {
    if let text = json.string {
      self = .literal(text)
    } else if let name = json["secret"]?.string {
      self = .secret(name)
    } else if let source = json["template"]?.string, case .success(let template) = TemplateText.parse(source) {
      self = .template(template)
    } else {
      throw PlanCodingError("a text cannot be read")
    }
  }

  static func optional(_ json: JSON?) throws(PlanCodingError) -> Text? {
    guard let json else { return nil }
    return try Text(decoding: json)
  }
}

extension Action {
  init(decoding json: JSON) throws(PlanCodingError) {
    let action = try ObjectReader(json, "an action")
    if action.optional("exec") != nil || action.optional("run") != nil {
      self = .program(try Program(decoding: json))
    } else if let call = action.optional("http") {
      self = .http(try HTTPCall(decoding: call))
    } else if let manual = action.optional("manual") {
      self = .manual(try Manual(decoding: manual))
    } else if let question = action.optional("decide") {
      let options = try mapEach(action.list("options")) { json throws(PlanCodingError) in
        let option = try ObjectReader(json, "an option")
        return Decision.Option(
          id: try option.text("id"), title: option.optionalText("title"),
          when: try Expression.decoded(option.optionalText("when")), endsRun: option.flag("ends"))
      }
      self = .decide(Decision(question: try Text(decoding: question), options: options))
    } else if let items = action.optional("checklist")?.array {
      self = .checklist(try mapEach(items) { json throws(PlanCodingError) in try ChecklistItem(decoding: json) })
    } else if let duration = action.number("wait") {
      self = .wait(duration)
    } else if let source = action.optionalText("assert") {
      self = .assert(try Expression.decodedRequired(source))
    } else if let query = action.optional("prometheus") {
      self = .prometheus(try PrometheusQuery(decoding: query))
    } else if let notice = action.optional("notify") {
      self = .notify(try Notice(decoding: notice))
    } else if let each = action.optional("forEach") {
      self = .forEach(try ForEach(decoding: each))
    } else if let steps = action.optional("group")?.array {
      self = .group(Group(steps: try PlannedStep.list(steps)))
    } else if let call = action.optional("call") {
      self = .call(try Call(decoding: call))
    } else {
      self = .check(try Check(decoding: try action.value("check")))
    }
  }
}

extension Program {
  init(decoding json: JSON) throws(PlanCodingError) {
    let program = try ObjectReader(json, "a program")
    if let script = program.optionalText("run") {
      self.init(.script(script, shell: program.texts("shell")))
    } else {
      self.init(
        .exec(
          try mapEach(program.list("exec")) { json throws(PlanCodingError) in
            if let source = json["splice"]?.string { return .spliced(try Expression.decodedRequired(source)) }
            return .word(try Text(decoding: json))
          }))
    }
    environment = try EnvironmentVariable.list(program.list("env"))
    directory = try Text.optional(program.optional("directory"))
    input = try Text.optional(program.optional("input"))
    place = try mapSome(program.optional("on")) { json throws(PlanCodingError) in try Place(decoding: json) }
  }
}

extension EnvironmentVariable {
  static func list(_ list: [JSON]) throws(PlanCodingError) -> [EnvironmentVariable] {
    try mapEach(list) { json throws(PlanCodingError) in
      let variable = try ObjectReader(json, "a variable")
      return EnvironmentVariable(
        name: try variable.text("name"), value: try Text(decoding: try variable.value("value")))
    }
  }
}

extension HTTPCall {
  init(decoding json: JSON) throws(PlanCodingError) {
    let call = try ObjectReader(json, "a request")
    self.init(method: try call.text("method"), url: try Text(decoding: try call.value("url")))
    headers = try EnvironmentVariable.list(call.list("headers"))
    body = try Text.optional(call.optional("body"))
    follow = call.flag("follow")
    ca = try Text.optional(call.optional("ca"))
  }
}

extension Manual {
  init(decoding json: JSON) throws(PlanCodingError) {
    let manual = try ObjectReader(json, "an instruction")
    self.init(text: try Text(decoding: try manual.value("text")))
    fields = try mapEach(manual.list("fields")) { json throws(PlanCodingError) in try FieldDeclaration(decoding: json) }
    from = manual.texts("from")
    within = manual.number("within")
  }
}

extension FieldDeclaration {
  /// Reads what `encoded` wrote.
  package init(decoding json: JSON) throws(PlanCodingError) {
    let field = try ObjectReader(json, "a field")
    self.init(
      name: try field.text("name"), type: try InputType(decoding: try field.value("type")),
      description: field.optionalText("description"))
  }
}

extension ChecklistItem {
  init(decoding json: JSON) throws(PlanCodingError) {
    let item = try ObjectReader(json, "an item")
    if let check = item.optional("check") {
      self = .check(try Check(decoding: check))
      return
    }
    var tick = Tick(text: try Text(decoding: try item.value("text")))
    tick.id = item.optionalText("id")
    tick.from = item.texts("from")
    tick.evidence = item.flag("evidence")
    tick.notApplicable = item.flag("notApplicable")
    self = .tick(tick)
  }
}

extension Check {
  init(decoding json: JSON) throws(PlanCodingError) {
    let check = try ObjectReader(json, "a check")
    let probe: Probe
    if let program = check.optional("program") {
      probe = .program(try Program(decoding: program))
    } else if let call = check.optional("http") {
      probe = .http(try HTTPCall(decoding: call))
    } else if let source = check.optionalText("assert") {
      probe = .assert(try Expression.decodedRequired(source))
    } else if let query = check.optional("prometheus") {
      probe = .prometheus(try PrometheusQuery(decoding: query))
    } else if let tool = check.optional("tool") {
      probe = .tool(try ToolRequirement(decoding: tool))
    } else if let manual = check.optional("manual") {
      probe = .manual(try Manual(decoding: manual))
    } else if let checks = check.optional("any")?.array {
      probe = .any(try Check.list(checks))
    } else if let checks = check.optional("all")?.array {
      probe = .all(try Check.list(checks))
    } else {
      probe = .not(try Check(decoding: try check.value("not")))
    }
    self.init(probe)
    id = check.optionalText("id")
    title = check.optionalText("title")
    expect = try Expression.decoded(check.optionalText("expect"))
    every = check.number("every") ?? every
    within = check.number("within")
    holds = check.number("holds")
    tolerate = Int(check.number("tolerate") ?? 0)
    timeout = check.number("timeout")
    outputs = try OutputDeclaration.list(check.list("outputs"))
    says = try Text.optional(check.optional("says"))
    parameters = try mapEach(check.list("with")) { json throws(PlanCodingError) in try Parameter(decoding: json) }
  }

  static func list(_ list: [JSON]) throws(PlanCodingError) -> [Check] {
    try mapEach(list) { json throws(PlanCodingError) in try Check(decoding: json) }
  }
}

extension Precondition {
  init(decoding json: JSON) throws(PlanCodingError) {
    let precondition = try ObjectReader(json, "a precondition")
    self.init(
      check: try Check(decoding: try precondition.value("check")),
      otherwise: try precondition.word("otherwise", Otherwise.self))
  }
}
