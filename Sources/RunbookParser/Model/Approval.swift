/// Whose yes a step needs before it acts.
public struct Approval: Sendable, Hashable {
  /// So many people of some roles.
  public struct Demand: Sendable, Hashable {
    /// The roles; each approver has one of them.
    public var roles: [String]
    /// How many different people, each with a different key.
    public var count: Int
    /// The project's rule that asks for it; nil where the step itself does.
    public var rule: String?

    /// A demand from its parts.
    public init(roles: [String], count: Int = 1, rule: String? = nil) {
      self.roles = roles
      self.count = count
      self.rule = rule
    }
  }

  /// What is asked for; all of it must be met.
  public var demands: [Demand]
  /// How long people may take, in milliseconds; as long as they like if nil.
  public var within: Int64?
  /// The rule for which who started the run cannot be one of the approvers; nil where they can.
  public var excludesStarter: String?

  /// An approval from its parts.
  public init(demands: [Demand], within: Int64? = nil, excludesStarter: String? = nil) {
    self.demands = demands
    self.within = within
    self.excludesStarter = excludesStarter
  }
}

/// A rule of the project that asks for approvals.
public struct ApprovalRule: Sendable, Hashable {
  /// The rule's name.
  public var name: String
  /// What the steps that it concerns do to the world.
  public var effects: [Effect]
  /// Who must say yes; nil where the rule only bounds approvals that something else asks for.
  public var demand: Approval.Demand?
  /// How long people may take at most, in milliseconds.
  public var within: Int64?
  /// Whether who started the run is no approver.
  public var excludesStarter: Bool

  /// A rule from its parts.
  public init(
    name: String, effects: [Effect], demand: Approval.Demand?, within: Int64? = nil, excludesStarter: Bool = false
  ) {
    self.name = name
    self.effects = effects
    self.demand = demand
    self.within = within
    self.excludesStarter = excludesStarter
  }
}

/// A rule of the project about who may start a run.
public struct StartRule: Sendable, Hashable {
  /// The rule's name.
  public var name: String
  /// The roles, of which the starter has one.
  public var roles: [String]

  /// A rule from its parts.
  public init(name: String, roles: [String]) {
    self.name = name
    self.roles = roles
  }
}

extension Approval {
  /// What a step needs, from what it says itself and the rules that concern it; nil where that is nothing.
  init?(said: Approval?, effect: Effect, rules: [ApprovalRule]) {
    let rules = rules.filter { $0.effects.contains(effect) }
    let demands = (said?.demands ?? []) + rules.compactMap(\.demand)
    guard !demands.isEmpty else { return nil }
    self.init(
      demands: demands, within: ([said?.within] + rules.map(\.within)).compactMap { $0 }.min(),
      excludesStarter: rules.first(where: \.excludesStarter)?.name)
  }
}

/// The keys by which people are known, in OpenSSH's formats.
public struct PolicyKeys: Sendable, Hashable {
  /// The file of allowed signers, whole.
  public var allowedSigners: String
  /// The file of revoked public keys, whole; nil where the project names none.
  public var revoked: String?

  /// Keys from their files.
  public init(allowedSigners: String, revoked: String? = nil) {
    self.allowedSigners = allowedSigners
    self.revoked = revoked
  }
}
