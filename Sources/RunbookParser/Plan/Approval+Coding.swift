import CanonicalJSON

extension Approval {
  /// The approval as a plan and a gate's record hold it.
  package func encoded() -> JSON {
    var approval = ObjectBuilder()
    approval.put("demands", list: demands.map { $0.encoded() })
    approval.put("within", number: within)
    approval.put("excludesStarter", text: excludesStarter)
    return approval.json
  }

  /// Reads what `encoded` wrote.
  package init(decoding json: JSON) throws(PlanCodingError) {
    let approval = try ObjectReader(json, "an approval")
    self.init(
      demands: try mapEach(approval.list("demands")) { json throws(PlanCodingError) in try Demand(decoding: json) },
      within: approval.number("within"), excludesStarter: approval.optionalText("excludesStarter"))
  }
}

extension Approval.Demand {
  func encoded() -> JSON {
    var demand = ObjectBuilder()
    demand.put("roles", texts: roles)
    demand.put("count", number: Int64(count))
    demand.put("rule", text: rule)
    return demand.json
  }

  init(decoding json: JSON) throws(PlanCodingError) {
    let demand = try ObjectReader(json, "a demand")
    guard let count = demand.number("count").flatMap({ Int(exactly: $0) }), count > 0 else {
      throw PlanCodingError("a demand of nobody")
    }
    self.init(roles: demand.texts("roles"), count: count, rule: demand.optionalText("rule"))
  }
}

extension ApprovalRule {
  func encoded() -> JSON {
    var rule = ObjectBuilder()
    rule.put("name", text: name)
    rule.put("effects", texts: effects.map(\.rawValue))
    rule.put("demand", demand?.encoded())
    rule.put("within", number: within)
    rule.put("excludesStarter", flag: excludesStarter)
    return rule.json
  }

  init(decoding json: JSON) throws(PlanCodingError) {
    let rule = try ObjectReader(json, "a rule about approvals")
    self.init(
      name: try rule.text("name"), effects: rule.texts("effects").compactMap(Effect.init),
      demand: try mapSome(rule.optional("demand")) { json throws(PlanCodingError) in
        try Approval.Demand(decoding: json)
      },
      within: rule.number("within"), excludesStarter: rule.flag("excludesStarter"))
  }
}
