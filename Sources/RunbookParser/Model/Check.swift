import Expressions

/// A question to the world that changes nothing and is answered yes, no, or not at all.
public struct Check: Sendable, Hashable {
  /// What is asked.
  public indirect enum Probe: Sendable, Hashable {
    /// A program; it holds if it exits 0, unless `expect` says otherwise.
    case program(Program)
    /// A request; it holds on a status of 200 to 299, unless `expect` says otherwise.
    case http(HTTPCall)
    /// An expression over what is known already.
    case assert(Expression)
    /// Prometheus.
    case prometheus(PrometheusQuery)
    /// A program that must be there, and its version.
    case tool(ToolRequirement)
    /// A person.
    case manual(Manual)
    /// Holds if one of them does; asked in order, up to the first that holds.
    case any([Check])
    /// Holds if all of them do; asked in order, up to the first that does not.
    case all([Check])
    /// Holds if the other does not.
    case not(Check)
  }

  /// The name in addresses; what has none is numbered.
  public var id: String?
  /// What is shown to people.
  public var title: String?
  /// What is asked.
  public var probe: Probe
  /// What must be true of `result`.
  public var expect: Expression?
  /// The pause between two attempts, in milliseconds.
  public var every: Int64
  /// How long attempts are repeated until it holds, in milliseconds; nil asks once.
  public var within: Int64?
  /// How long it must go on holding once it held, in milliseconds.
  public var holds: Int64?
  /// How many misses are allowed while it must go on holding.
  public var tolerate: Int
  /// The bound on one attempt, in milliseconds.
  public var timeout: Int64?
  /// Values taken from the result, for people and for the step `check:`.
  public var outputs: [OutputDeclaration]
  /// The message when it fails.
  public var says: Text?
  /// The values of a named check's parameters.
  public var parameters: [Parameter]

  /// The value of a named check's parameter, worked out whenever the check is begun.
  public struct Parameter: Sendable, Hashable {
    /// Where the value comes from.
    public enum Content: Sendable, Hashable {
      /// Known at planning.
      case value(Value)
      /// An expression in the scope of who uses the check.
      case expression(Expression)
      /// A text in the scope of who uses the check.
      case text(Text)
    }

    /// The parameter's name.
    public var name: String
    /// The parameter's type.
    public var type: InputType
    /// Where the value comes from.
    public var content: Content

    /// A parameter from its parts.
    public init(name: String, type: InputType, content: Content) {
      self.name = name
      self.type = type
      self.content = content
    }
  }

  /// A check that is asked once.
  public init(_ probe: Probe) {
    self.probe = probe
    self.every = 1000
    self.tolerate = 0
    self.outputs = []
    self.parameters = []
  }
}

/// A check that must hold before a run or a step starts, and what follows if it does not.
public struct Precondition: Sendable, Hashable {
  /// What an unmet precondition means.
  public enum Otherwise: String, Sendable, Hashable, CaseIterable {
    /// The step fails as unmet; the run's preconditions end the run.
    case stop
    /// The step is skipped.
    case skip
    /// The aim is reached already: the step succeeds and the rest of it is left out.
    case done
    /// A person decides.
    case ask
  }

  /// The check.
  public var check: Check
  /// What follows if it does not hold.
  public var otherwise: Otherwise

  /// A precondition from its parts.
  public init(check: Check, otherwise: Otherwise = .stop) {
    self.check = check
    self.otherwise = otherwise
  }
}
