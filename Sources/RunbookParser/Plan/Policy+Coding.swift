import CanonicalJSON

extension Policy {
  func encoded() -> JSON {
    var policy = ObjectBuilder()
    policy.put(
      "people",
      list: people.map { person in
        var object = ObjectBuilder()
        object.put("name", text: person.name)
        object.put("login", text: person.login)
        object.put("principal", text: person.principal == person.name ? nil : person.principal)
        return object.json
      })
    policy.put(
      "roles",
      list: roles.map {
        .object([.init("name", .string($0.name)), .init("people", .array($0.people.map { .string($0) }))])
      })
    policy.put(
      "freezes",
      list: freezes.map { freeze in
        var object = ObjectBuilder()
        object.put("name", text: freeze.name)
        object.put("from", number: freeze.from)
        object.put("until", number: freeze.until)
        return object.json
      })
    if let keys {
      var object = ObjectBuilder()
      object.put("allowedSigners", text: keys.allowedSigners)
      object.put("revoked", text: keys.revoked)
      policy.put("keys", object.json)
    }
    policy.put("approvals", list: approvals.map { $0.encoded() })
    policy.put(
      "starts",
      list: starts.map {
        .object([.init("name", .string($0.name)), .init("roles", .array($0.roles.map { .string($0) }))])
      })
    return policy.json
  }

  init(decoding json: JSON) throws(PlanCodingError) {
    let policy = try ObjectReader(json, "the policy")
    self.init(
      people: try mapEach(policy.list("people")) { json throws(PlanCodingError) in
        let person = try ObjectReader(json, "a person")
        return Person(
          name: try person.text("name"), login: try person.text("login"), principal: person.optionalText("principal"))
      },
      roles: try mapEach(policy.list("roles")) { json throws(PlanCodingError) in
        let role = try ObjectReader(json, "a role")
        return Role(name: try role.text("name"), people: role.texts("people"))
      },
      freezes: try mapEach(policy.list("freezes")) { json throws(PlanCodingError) in
        let freeze = try ObjectReader(json, "a freeze")
        return Freeze(
          name: try freeze.text("name"), from: freeze.number("from") ?? 0, until: freeze.number("until") ?? 0)
      },
      keys: try mapSome(policy.optional("keys")) { json throws(PlanCodingError) in
        let keys = try ObjectReader(json, "the keys")
        return PolicyKeys(allowedSigners: try keys.text("allowedSigners"), revoked: keys.optionalText("revoked"))
      },
      approvals: try mapEach(policy.list("approvals")) { json throws(PlanCodingError) in
        try ApprovalRule(decoding: json)
      },
      starts: try mapEach(policy.list("starts")) { json throws(PlanCodingError) in
        let rule = try ObjectReader(json, "a rule about starts")
        return StartRule(name: try rule.text("name"), roles: rule.texts("roles"))
      })
  }
}
