import Expressions

/// One step repeated for each element of a list.
public struct ForEach: Sendable, Hashable {
  /// Gives the list; worked out once, when the step is reached.
  public var list: Expression
  /// How many items may be going on at once.
  public var limit: Int
  /// The step that each item is: one element.
  package var templates: [PlannedStep]

  /// A repetition from its parts.
  public init(list: Expression, limit: Int, template: PlannedStep) {
    self.list = list
    self.limit = limit
    self.templates = [template]
  }

  /// The step that each item is.
  public var template: PlannedStep { templates[0] }
  /// The same in the form of a list, for what goes through lists of steps.
  public var steps: [PlannedStep] { templates }
}

/// Steps that stand inside one step and see the names around it.
public struct Group: Sendable, Hashable {
  /// The steps, each after those it needs.
  public var steps: [PlannedStep]

  /// A group of steps.
  public init(steps: [PlannedStep]) { self.steps = steps }
}

/// Another runbook, taken into the plan as one step.
public struct Call: Sendable, Hashable {
  /// What an input of the called runbook is worth.
  public struct Input: Sendable, Hashable {
    /// Where a value comes from.
    public enum Content: Sendable, Hashable {
      /// Known at planning.
      case value(Value)
      /// Worked out when the call is reached, in the scope of the caller.
      case expression(Expression)
      /// A text worked out when the call is reached, in the scope of the caller.
      case text(Text)
      /// A default over the inputs before it, in the scope of the called runbook.
      case fallback(Expression)
      /// Not given, and not required.
      case absent
    }

    /// The input's name.
    public var name: String
    /// The input's type.
    public var type: InputType
    /// Where its value comes from.
    public var content: Content

    /// An input from its parts.
    public init(name: String, type: InputType, content: Content) {
      self.name = name
      self.type = type
      self.content = content
    }
  }

  /// The called runbook's name.
  public var runbook: String
  /// The called runbook's version.
  public var version: String
  /// Its inputs, in the order of their declaration; secrets stand in the plan's own inputs.
  public var inputs: [Input]
  /// Its constants over those inputs.
  public var values: [OutputDeclaration]
  /// How many of its actions may be in flight at once, besides what the plan allows; nil where it says nothing.
  public var maxParallel: Int?
  /// What its own failure leads to, such as that its time is over; nil where it says nothing and the caller decides.
  public var onFailure: FailurePolicy?
  /// How long it may take, its `finally` not counted, in milliseconds; nil where it says nothing.
  public var timeout: Int64?
  /// The programs it needs, and its own preconditions.
  public var preconditions: [Precondition]
  /// Its steps.
  public var steps: [PlannedStep]
  /// The steps that end the call, whatever happened.
  public var finally: [PlannedStep]
  /// What it gives.
  public var outputs: [OutputDeclaration]

  /// A call of a runbook without steps.
  public init(runbook: String, version: String) {
    self.runbook = runbook
    self.version = version
    self.inputs = []
    self.values = []
    self.preconditions = []
    self.steps = []
    self.finally = []
    self.outputs = []
  }
}
