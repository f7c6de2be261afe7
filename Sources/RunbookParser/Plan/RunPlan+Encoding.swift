import CanonicalJSON
import Crypto
import Expressions

extension RunPlan {
  /// The version of the encoded form.
  static let encodingVersion: Int64 = 1

  /// The plan as JSON: what the digest covers, and what a run's first record holds.
  ///
  /// Durations are milliseconds; values carry their types; what is not said is left out.
  public func encoded() -> JSON {
    var plan = ObjectBuilder()
    plan.put("form", number: Self.encodingVersion)
    plan.put("name", text: name)
    plan.put("title", text: title)
    plan.put("version", text: version)
    plan.put("environment", text: environment)
    plan.put("inputs", list: inputs.map { $0.encoded() })
    plan.put(
      "values", list: values.map { .object([.init("name", .string($0.name)), .init("value", $0.value.taggedJSON)]) })
    plan.put("platform", platform?.taggedJSON)
    plan.put("policy", policy?.encoded())
    plan.put("tools", list: tools.map { $0.encoded() })
    plan.put("locks", texts: locks)
    plan.put("concurrent", flag: concurrent)
    plan.put("onFailure", text: onFailure?.rawValue)
    plan.put("maxParallel", number: maxParallel.map(Int64.init))
    plan.put("timeout", number: timeout)
    plan.put("detached", text: detached == .pause ? nil : detached.rawValue)
    plan.put("zones", texts: zones)
    plan.put("tunnels", list: tunnels.map { $0.encoded() })
    plan.put("notify", list: notices.map { $0.encoded() })
    plan.put("preconditions", list: preconditions.map { $0.encoded() })
    plan.put("steps", list: steps.map { $0.encoded() })
    plan.put("finally", list: finally.map { $0.encoded() })
    plan.put("outputs", list: outputs.map { $0.encoded() })
    if let objectives {
      var members = ObjectBuilder()
      members.put("rto", number: objectives.recoveryTime)
      members.put("rpo", number: objectives.recoveryPoint)
      plan.put("objectives", members.json)
    }
    return plan.json
  }

  /// Works out the digest; to be done last.
  mutating func seal() { digest = Self.digest(of: encoded()) }

  /// SHA-256 over the inputs alone, in lower-case hexadecimal.
  package var inputsDigest: String { Self.digest(of: .array(inputs.map { $0.encoded() })) }

  static func digest(of json: JSON) -> String {
    var hasher = SHA256()
    hasher.update(data: json.canonicalBytes())
    return hasher.finalize().reduce(into: "") { text, byte in
      text += String(byte >> 4, radix: 16) + String(byte & 15, radix: 16)
    }
  }
}

extension PlannedInput {
  func encoded() -> JSON {
    var input = ObjectBuilder()
    input.put("name", text: name)
    input.put("type", type.encoded())
    switch content {
    case .value(let value): input.put("value", value.taggedJSON)
    case .secret(let source): input.put("secret", source.encoded())
    case .absent: break
    }
    input.put("optional", flag: isOptional)
    return input.json
  }
}

extension SecretSource {
  func encoded() -> JSON {
    switch self {
    case .env(let name): .object([.init("env", .string(name))])
    case .file(let path): .object([.init("file", .string(path))])
    case .command(let words): .object([.init("command", .array(words.map { .string($0) }))])
    case .prompt: .string("prompt")
    }
  }
}

extension ToolRequirement {
  func encoded() -> JSON {
    var tool = ObjectBuilder()
    tool.put("name", text: name)
    tool.put("version", text: version?.description)
    tool.put("command", texts: command)
    tool.put("pattern", text: pattern)
    return tool.json
  }
}

extension InputType {
  /// The type as JSON: a name, or an object where there are constraints.
  package func encoded() -> JSON {
    var type = ObjectBuilder()
    type.put("type", text: name)
    switch self {
    case .string(let pattern): type.put("pattern", text: pattern)
    case .int(let min, let max), .duration(let min, let max), .size(let min, let max):
      type.put("min", number: min)
      type.put("max", number: max)
    case .number(let min, let max):
      type.put("min", min.map { .double($0) })
      type.put("max", max.map { .double($0) })
    case .enum(let values): type.put("values", texts: values)
    case .list(let element), .map(let element): type.put("of", element.encoded())
    case .record(let fields):
      type.put(
        "fields",
        list: fields.map { field in
          var member = ObjectBuilder()
          member.put("name", text: field.name)
          member.put("type", field.type.encoded())
          member.put("optional", flag: !field.required)
          return member.json
        })
    case .bool, .timestamp, .json, .secret: break
    }
    return type.members.count == 1 ? .string(name) : type.json
  }
}

extension OutputDeclaration {
  func encoded() -> JSON {
    .object([.init("name", .string(name)), .init("type", type.encoded()), .init("value", .string(value.source))])
  }
}

extension PlannedStep {
  func encoded() -> JSON {
    var step = ObjectBuilder()
    step.put("id", text: id)
    step.put("title", text: title)
    step.put("needs", list: needs.map { .int(Int64($0)) })
    step.put("when", text: when?.source)
    step.put("effect", text: effect.rawValue)
    step.put("action", action.encoded())
    step.put("dryRun", dryRun?.encoded())
    step.put("preconditions", list: preconditions.map { $0.encoded() })
    step.put("expect", text: expect?.source)
    step.put("outputs", list: outputs.map { $0.encoded() })
    step.put("applied", applied?.encoded())
    step.put("repeatable", flag: repeatable)
    step.put("verify", list: verify.map { $0.encoded() })
    step.put("rollback", rollback.encoded())
    if let confirm {
      var members = ObjectBuilder()
      members.put("message", confirm.message.encoded())
      members.put("type", confirm.type?.encoded())
      step.put("confirm", members.json)
    }
    step.put("approval", approval?.encoded())
    step.put("retry", retry?.encoded())
    step.put("timeout", number: timeout)
    step.put("onFailure", text: onFailure?.rawValue)
    step.put("undoes", text: undoScope?.rawValue)
    step.put("inherits", flag: inheritsFailure)
    step.put("temporary", flag: temporary)
    step.put("dropsOutput", flag: !keepsOutput)
    step.put("ready", ready?.encoded())
    return step.json
  }
}

extension Rollback {
  func encoded() -> JSON? {
    switch self {
    case .nothing: return nil
    case .actions(let actions): return .array(actions.map { $0.encoded() })
    case .none(let because, let mendedBy):
      var none = ObjectBuilder()
      none.put("because", text: because)
      none.put("mendedBy", text: mendedBy)
      return none.json
    }
  }
}

extension UndoAction {
  func encoded() -> JSON {
    var undo = ObjectBuilder()
    undo.put("when", text: when?.source)
    undo.put("action", action.encoded())
    undo.put("expect", text: expect?.source)
    undo.put("timeout", number: timeout)
    undo.put("retry", retry?.encoded())
    undo.put("verify", list: verify.map { $0.encoded() })
    undo.put("repeatable", flag: repeatable)
    undo.put("continues", flag: continuesOnFailure)
    return undo.json
  }
}

extension Retry {
  func encoded() -> JSON {
    var retry = ObjectBuilder()
    retry.put("attempts", number: Int64(attempts))
    retry.put("delay", number: delay)
    retry.put("backoff", number: backoffPermille)
    retry.put("maxDelay", number: maxDelay)
    retry.put("when", text: when?.source)
    return retry.json
  }
}
