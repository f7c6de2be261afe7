import CanonicalJSON
import Expressions

extension Text {
  func encoded() -> JSON {
    switch self {
    case .literal(let text): .string(text)
    case .template(let template): .object([.init("template", .string(template.source))])
    case .secret(let name): .object([.init("secret", .string(name))])
    }
  }
}

extension Action {
  func encoded() -> JSON {
    var action = ObjectBuilder()
    switch self {
    case .program(let program): return program.encoded()
    case .http(let call): action.put("http", call.encoded())
    case .manual(let manual): action.put("manual", manual.encoded())
    case .decide(let decision):
      action.put("decide", decision.question.encoded())
      action.put(
        "options",
        list: decision.options.map { option in
          var member = ObjectBuilder()
          member.put("id", text: option.id)
          member.put("title", text: option.title)
          member.put("when", text: option.when?.source)
          member.put("ends", flag: option.endsRun)
          return member.json
        })
    case .checklist(let items): action.put("checklist", .array(items.map { $0.encoded() }))
    case .wait(let duration): action.put("wait", number: duration)
    case .assert(let expression): action.put("assert", text: expression.source)
    case .check(let check): action.put("check", check.encoded())
    case .prometheus(let query): action.put("prometheus", query.encoded())
    case .notify(let notice): action.put("notify", notice.encoded())
    case .forEach(let each): action.put("forEach", each.encoded())
    case .group(let group): action.put("group", .array(group.steps.map { $0.encoded() }))
    case .call(let call): action.put("call", call.encoded())
    }
    return action.json
  }
}

extension Program {
  func encoded() -> JSON {
    var program = ObjectBuilder()
    switch command {
    case .exec(let arguments):
      program.put(
        "exec",
        .array(
          arguments.map { argument in
            switch argument {
            case .word(let text): text.encoded()
            case .spliced(let expression): .object([.init("splice", .string(expression.source))])
            }
          }))
    case .script(let script, let shell):
      program.put("run", text: script)
      program.put("shell", texts: shell)
    }
    program.put("env", list: environment.map { $0.encoded() })
    program.put("directory", directory?.encoded())
    program.put("input", input?.encoded())
    program.put("on", place?.encoded())
    return program.json
  }
}

extension EnvironmentVariable {
  func encoded() -> JSON { .object([.init("name", .string(name)), .init("value", value.encoded())]) }
}

extension HTTPCall {
  func encoded() -> JSON {
    var call = ObjectBuilder()
    call.put("method", text: method)
    call.put("url", url.encoded())
    call.put("headers", list: headers.map { $0.encoded() })
    call.put("body", body?.encoded())
    call.put("follow", flag: follow)
    call.put("ca", ca?.encoded())
    return call.json
  }
}

extension Manual {
  func encoded() -> JSON {
    var manual = ObjectBuilder()
    manual.put("text", text.encoded())
    manual.put("fields", list: fields.map { $0.encoded() })
    manual.put("from", texts: from)
    manual.put("within", number: within)
    return manual.json
  }
}

extension FieldDeclaration {
  /// The field as JSON.
  package func encoded() -> JSON {
    var field = ObjectBuilder()
    field.put("name", text: name)
    field.put("type", type.encoded())
    field.put("description", text: description)
    return field.json
  }
}

extension ChecklistItem {
  func encoded() -> JSON {
    switch self {
    case .check(let check): return .object([.init("check", check.encoded())])
    case .tick(let tick):
      var item = ObjectBuilder()
      item.put("id", text: tick.id)
      item.put("text", tick.text.encoded())
      item.put("from", texts: tick.from)
      item.put("evidence", flag: tick.evidence)
      item.put("notApplicable", flag: tick.notApplicable)
      return item.json
    }
  }
}

extension Check {
  func encoded() -> JSON {
    var check = ObjectBuilder()
    check.put("id", text: id)
    check.put("title", text: title)
    switch probe {
    case .program(let program): check.put("program", program.encoded())
    case .http(let call): check.put("http", call.encoded())
    case .assert(let expression): check.put("assert", text: expression.source)
    case .prometheus(let query): check.put("prometheus", query.encoded())
    case .tool(let tool): check.put("tool", tool.encoded())
    case .manual(let manual): check.put("manual", manual.encoded())
    case .any(let checks): check.put("any", .array(checks.map { $0.encoded() }))
    case .all(let checks): check.put("all", .array(checks.map { $0.encoded() }))
    case .not(let other): check.put("not", other.encoded())
    }
    check.put("expect", text: expect?.source)
    check.put("every", number: every)
    check.put("within", number: within)
    check.put("holds", number: holds)
    check.put("tolerate", number: tolerate == 0 ? nil : Int64(tolerate))
    check.put("timeout", number: timeout)
    check.put("outputs", list: outputs.map { $0.encoded() })
    check.put("says", says?.encoded())
    check.put("with", list: parameters.map { $0.encoded() })
    return check.json
  }
}

extension Precondition {
  func encoded() -> JSON {
    .object([.init("check", check.encoded()), .init("otherwise", .string(otherwise.rawValue))])
  }
}
