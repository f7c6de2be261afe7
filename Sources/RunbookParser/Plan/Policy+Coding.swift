import CanonicalJSON

extension Policy {
  func encoded() -> JSON {
    var policy = ObjectBuilder()
    policy.put(
      "people", list: people.map { .object([.init("name", .string($0.name)), .init("login", .string($0.login))]) })
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
    return policy.json
  }

  init(decoding json: JSON) throws(PlanCodingError) {
    let policy = try ObjectReader(json, "the policy")
    self.init(
      people: try mapEach(policy.list("people")) { json throws(PlanCodingError) in
        let person = try ObjectReader(json, "a person")
        return Person(name: try person.text("name"), login: try person.text("login"))
      },
      roles: try mapEach(policy.list("roles")) { json throws(PlanCodingError) in
        let role = try ObjectReader(json, "a role")
        return Role(name: try role.text("name"), people: role.texts("people"))
      },
      freezes: try mapEach(policy.list("freezes")) { json throws(PlanCodingError) in
        let freeze = try ObjectReader(json, "a freeze")
        return Freeze(
          name: try freeze.text("name"), from: freeze.number("from") ?? 0, until: freeze.number("until") ?? 0)
      })
  }
}
