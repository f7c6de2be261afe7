import CanonicalJSON
import Expressions

extension ForEach {
  func encoded() -> JSON {
    var each = ObjectBuilder()
    each.put("list", text: list.source)
    each.put("limit", number: Int64(limit))
    each.put("step", template.encoded())
    return each.json
  }

  init(decoding json: JSON) throws(PlanCodingError) {
    let each = try ObjectReader(json, "a repetition")
    self.init(
      list: try Expression.decodedRequired(try each.text("list")), limit: Int(each.number("limit") ?? 1),
      template: try PlannedStep(decoding: try each.value("step")))
  }
}

extension Call {
  func encoded() -> JSON {
    var call = ObjectBuilder()
    call.put("runbook", text: runbook)
    call.put("version", text: version)
    call.put("inputs", list: inputs.map { $0.encoded() })
    call.put("values", list: values.map { $0.encoded() })
    call.put("maxParallel", number: maxParallel.map(Int64.init))
    call.put("timeout", number: timeout)
    call.put("onFailure", text: onFailure?.rawValue)
    call.put("preconditions", list: preconditions.map { $0.encoded() })
    call.put("steps", list: steps.map { $0.encoded() })
    call.put("finally", list: finally.map { $0.encoded() })
    call.put("outputs", list: outputs.map { $0.encoded() })
    return call.json
  }

  init(decoding json: JSON) throws(PlanCodingError) {
    let call = try ObjectReader(json, "a call")
    self.init(runbook: try call.text("runbook"), version: try call.text("version"))
    inputs = try mapEach(call.list("inputs")) { json throws(PlanCodingError) in try Input(decoding: json) }
    values = try OutputDeclaration.list(call.list("values"))
    maxParallel = call.number("maxParallel").map(Int.init)
    timeout = call.number("timeout")
    onFailure = try call.optionalWord("onFailure", FailurePolicy.self)
    preconditions = try mapEach(call.list("preconditions")) { json throws(PlanCodingError) in
      try Precondition(decoding: json)
    }
    steps = try PlannedStep.list(call.list("steps"))
    finally = try PlannedStep.list(call.list("finally"))
    outputs = try OutputDeclaration.list(call.list("outputs"))
  }
}

extension Call.Input {
  func encoded() -> JSON {
    var input = ObjectBuilder()
    input.put("name", text: name)
    input.put("type", type.encoded())
    switch content {
    case .value(let value): input.put("value", value.taggedJSON)
    case .expression(let expression): input.put("expression", text: expression.source)
    case .text(let text): input.put("text", text.encoded())
    case .fallback(let expression): input.put("default", text: expression.source)
    case .absent: break
    }
    return input.json
  }

  init(decoding json: JSON) throws(PlanCodingError) {
    let input = try ObjectReader(json, "an input")
    self.init(
      name: try input.text("name"), type: try InputType(decoding: try input.value("type")), content: .absent)
    if let value = input.optional("value") {
      content = .value(try Value(decodingPlan: value))
    } else if let source = input.optionalText("expression") {
      content = .expression(try Expression.decodedRequired(source))
    } else if let text = input.optional("text") {
      content = .text(try Text(decoding: text))
    } else if let source = input.optionalText("default") {
      content = .fallback(try Expression.decodedRequired(source))
    }
  }
}

extension Check.Parameter {
  func encoded() -> JSON {
    var parameter = ObjectBuilder()
    parameter.put("name", text: name)
    parameter.put("type", type.encoded())
    switch content {
    case .value(let value): parameter.put("value", value.taggedJSON)
    case .expression(let expression): parameter.put("expression", text: expression.source)
    case .text(let text): parameter.put("text", text.encoded())
    }
    return parameter.json
  }

  init(decoding json: JSON) throws(PlanCodingError) {
    let parameter = try ObjectReader(json, "a parameter")
    let content: Content
    if let value = parameter.optional("value") {
      content = .value(try Value(decodingPlan: value))
    } else if let source = parameter.optionalText("expression") {
      content = .expression(try Expression.decodedRequired(source))
    } else {
      content = .text(try Text(decoding: try parameter.value("text")))
    }
    self.init(
      name: try parameter.text("name"), type: try InputType(decoding: try parameter.value("type")), content: content)
  }
}
