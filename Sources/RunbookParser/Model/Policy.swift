/// Who the people of a project are, and which roles they have.
public struct Policy: Sendable, Hashable {
  /// Somebody.
  public struct Person: Sendable, Hashable {
    /// The name that roles use.
    public var name: String
    /// The name under which the person is logged in where runs are started and questions answered.
    public var login: String

    /// The name under which the file of allowed signers lists the person's keys.
    public var principal: String

    /// A person from their names; the principal is the name unless it is said.
    public init(name: String, login: String, principal: String? = nil) {
      self.name = name
      self.login = login
      self.principal = principal ?? name
    }
  }

  /// What some people may answer for.
  public struct Role: Sendable, Hashable {
    /// The role's name.
    public var name: String
    /// Who has it, by their names.
    public var people: [String]

    /// A role from its parts.
    public init(name: String, people: [String]) {
      self.name = name
      self.people = people
    }
  }

  /// A time in which nothing is changed without an exception.
  public struct Freeze: Sendable, Hashable {
    /// The freeze's name.
    public var name: String
    /// When it begins, in milliseconds since the epoch.
    public var from: Int64
    /// When it is over, in milliseconds since the epoch.
    public var until: Int64

    /// A freeze from its parts.
    public init(name: String, from: Int64, until: Int64) {
      self.name = name
      self.from = from
      self.until = until
    }
  }

  /// Everybody, by name.
  public var people: [Person]
  /// The roles, by name.
  public var roles: [Role]
  /// The freezes that concern the runbook in its environment, in their order.
  public var freezes: [Freeze]
  /// The keys by which people are known; nil where the project names none, and nobody can prove who they are.
  public var keys: PolicyKeys?
  /// The rules about approvals that concern the runbook in its environment, by name.
  public var approvals: [ApprovalRule]
  /// The rules about who may start the runbook in its environment, by name.
  public var starts: [StartRule]

  /// A policy from its parts, which it puts in order.
  public init(
    people: [Person] = [], roles: [Role] = [], freezes: [Freeze] = [], keys: PolicyKeys? = nil,
    approvals: [ApprovalRule] = [], starts: [StartRule] = []
  ) {
    self.keys = keys
    self.approvals = approvals.sorted { $0.name < $1.name }
    self.starts = starts.sorted { $0.name < $1.name }
    self.people = people.sorted { $0.name < $1.name }
    self.roles = roles.sorted { $0.name < $1.name }
    self.freezes = freezes.sorted { ($0.from, $0.until, $0.name) < ($1.from, $1.until, $1.name) }
  }

  /// The freeze that is on at a time; of several the one that is over last.
  public func freeze(at time: Int64) -> Freeze? {
    freezes.filter { $0.from <= time && time < $0.until }.max { $0.until < $1.until }
  }

  /// The same with the freezes and rules that concern another runbook besides.
  func adding(_ other: Policy) -> Policy {
    Policy(
      people: people, roles: roles, freezes: freezes + other.freezes.filter { !freezes.contains($0) }, keys: keys,
      approvals: approvals + other.approvals.filter { !approvals.contains($0) },
      starts: starts + other.starts.filter { !starts.contains($0) })
  }

  /// The person who is logged in under a name.
  public func person(loggedInAs login: String) -> Person? { people.first { $0.login == login } }

  /// The person whose keys stand under a principal.
  public func person(signingAs principal: String) -> Person? { people.first { $0.principal == principal } }

  /// Whether somebody has one of some roles.
  public func has(_ person: String, oneOf roles: [String]) -> Bool {
    roles.contains { role(named: $0)?.people.contains(person) == true }
  }

  /// The role of this name.
  public func role(named name: String) -> Role? { roles.first { $0.name == name } }

  /// Those who have one of some roles, in order.
  public func people(of roles: [String]) -> [Person] {
    let names = Set(roles.flatMap { role(named: $0)?.people ?? [] })
    return people.filter { names.contains($0.name) }
  }
}
