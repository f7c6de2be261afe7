/// Who the people of a project are, and which roles they have.
public struct Policy: Sendable, Hashable {
  /// Somebody.
  public struct Person: Sendable, Hashable {
    /// The name that roles use.
    public var name: String
    /// The name under which the person is logged in where runs are started and questions answered.
    public var login: String

    /// A person from their names.
    public init(name: String, login: String) {
      self.name = name
      self.login = login
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

  /// Everybody, by name.
  public var people: [Person]
  /// The roles, by name.
  public var roles: [Role]

  /// A policy from its parts, which it puts in order.
  public init(people: [Person] = [], roles: [Role] = []) {
    self.people = people.sorted { $0.name < $1.name }
    self.roles = roles.sorted { $0.name < $1.name }
  }

  /// The role of this name.
  public func role(named name: String) -> Role? { roles.first { $0.name == name } }

  /// Those who have one of some roles, in order.
  public func people(of roles: [String]) -> [Person] {
    let names = Set(roles.flatMap { role(named: $0)?.people ?? [] })
    return people.filter { names.contains($0.name) }
  }
}
