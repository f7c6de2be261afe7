import Expressions

/// A runbook with its inputs resolved: self-contained, ordered, and the same on every machine.
///
/// Steps stand in an order in which each comes after those it needs.
public struct RunPlan: Sendable, Hashable {
  /// The runbook's name.
  public var name: String
  /// What the runbook is called for people.
  public var title: String
  /// The runbook's version.
  public var version: String
  /// The environment that was chosen, if the runbook has any.
  public var environment: String?
  /// The inputs in the order of their declaration.
  public var inputs: [PlannedInput]
  /// The runbook's constants.
  public var values: [NamedValue]
  /// What is read of the inventory while the run is on; nil where nothing is.
  public var platform: Value?
  /// The people of the project and their roles, as they were when the plan was made; nil where it names none.
  public var policy: Policy?
  /// The programs it needs.
  public var tools: [ToolRequirement]
  /// The locks held for the whole run.
  public var locks: [String]
  /// Whether two runs of this runbook may overlap in one environment.
  public var concurrent: Bool
  /// What a failure leads to where a step says nothing; nil asks on a terminal and rolls back off it.
  public var onFailure: FailurePolicy?
  /// How many actions may be in flight at once; nil is no bound.
  public var maxParallel: Int?
  /// The bound on the run without its rollback, in milliseconds.
  public var timeout: Int64?
  /// What happens if the terminal is lost.
  public var detached: DetachedPolicy
  /// The zones of time that its expressions name; their times are read when a run begins.
  public var zones: [String]
  /// What is open while the run goes on.
  public var tunnels: [Tunnel]
  /// What people are told of the run.
  public var notices: [RunNotice]
  /// What must hold before the first step.
  public var preconditions: [Precondition]
  /// The steps in order.
  public var steps: [PlannedStep]
  /// The steps that run last, whatever happened.
  public var finally: [PlannedStep]
  /// What the run gives to its caller.
  public var outputs: [OutputDeclaration]
  /// The recovery objectives, in milliseconds.
  public var objectives: Objectives?
  /// SHA-256 over the canonical form, in lower-case hexadecimal; set by `seal()`.
  public internal(set) var digest: String = ""

  /// A plan without steps.
  public init(name: String, title: String, version: String) {
    self.name = name
    self.title = title
    self.version = version
    self.inputs = []
    self.values = []
    self.tools = []
    self.locks = []
    self.concurrent = false
    self.detached = .pause
    self.zones = []
    self.tunnels = []
    self.notices = []
    self.preconditions = []
    self.steps = []
    self.finally = []
    self.outputs = []
  }
}

/// How long a recovery may take and how much may be lost.
public struct Objectives: Sendable, Hashable {
  /// The recovery time objective, in milliseconds.
  public var recoveryTime: Int64?
  /// The recovery point objective, in milliseconds.
  public var recoveryPoint: Int64?

  /// Objectives from their parts.
  public init(recoveryTime: Int64?, recoveryPoint: Int64?) {
    self.recoveryTime = recoveryTime
    self.recoveryPoint = recoveryPoint
  }
}

/// A value under a name.
public struct NamedValue: Sendable, Hashable {
  /// The name.
  public var name: String
  /// The value.
  public var value: Value

  /// A named value from its parts.
  public init(name: String, value: Value) {
    self.name = name
    self.value = value
  }
}

/// An input with the value this run gives it.
public struct PlannedInput: Sendable, Hashable {
  /// What an input is worth.
  public enum Content: Sendable, Hashable {
    /// A value.
    case value(Value)
    /// A secret, by its source.
    case secret(SecretSource)
    /// Not given, and not required.
    case absent
  }

  /// The input's name.
  public var name: String
  /// The input's type.
  public var type: InputType
  /// What it is worth.
  public var content: Content
  /// Whether the run goes on where a secret's source has nothing: what it was to be given to then goes without.
  public var isOptional: Bool

  /// An input from its parts.
  public init(name: String, type: InputType, content: Content, isOptional: Bool = false) {
    self.name = name
    self.type = type
    self.content = content
    self.isOptional = isOptional
  }
}

/// A program that must be there before anything runs.
public struct ToolRequirement: Sendable, Hashable {
  /// The tool's name.
  public var name: String
  /// What its version must be; any if nil.
  public var version: VersionConstraint?
  /// What prints its version; `NAME --version` unless said.
  public var command: [String]
  /// What finds the version in what is printed; the first group, or the first version if nil.
  public var pattern: String?

  /// A tool of any version.
  public init(name: String) {
    self.name = name
    self.command = [name, "--version"]
  }
}

/// A step as it will run.
public struct PlannedStep: Sendable, Hashable {
  /// The step's name.
  public var id: String
  /// What the step is called for people.
  public var title: String?
  /// The steps that come first, as indices into the same list, each smaller than the step's own.
  public var needs: [Int]
  /// Whether the step runs at all.
  public var when: Expression?
  /// What the step does to the world.
  public var effect: Effect
  /// What the step does.
  public var action: Action
  /// What a dry run does instead, really.
  public var dryRun: Action?
  /// What must hold before the step acts.
  public var preconditions: [Precondition]
  /// What makes the action a success.
  public var expect: Expression?
  /// What the step gives to others.
  public var outputs: [OutputDeclaration]
  /// Whether the action has taken effect.
  public var applied: Check?
  /// Whether the action may be repeated when in doubt.
  public var repeatable: Bool
  /// What must hold afterwards.
  public var verify: [Check]
  /// How the step is undone.
  public var rollback: Rollback
  /// What a person must say first.
  public var confirm: Confirmation?
  /// Who must approve it first.
  public var approval: Approval?
  /// How the action is repeated if it fails by itself.
  public var retry: Retry?
  /// The bound on one attempt, in milliseconds.
  public var timeout: Int64?
  /// What a failure leads to; the plan's if nil.
  public var onFailure: FailurePolicy?
  /// How much a failure undoes, where that is less than everything, before what `onFailure` says.
  public var undoScope: UndoScope?
  /// Whether that and the policy are said for all of what the step stands inside.
  public var inheritsFailure = false
  /// Whether the step is undone, too, when all went well.
  public var temporary: Bool
  /// Whether what its action writes is kept; only its size and hash are if not.
  public var keepsOutput: Bool
  /// What holds once the step's program, which is kept running for those that need it, may be used; nil where the step is
  /// over when its action is.
  public var ready: Check?

  /// A step with nothing but its action.
  public init(id: String, effect: Effect, action: Action) {
    self.id = id
    self.effect = effect
    self.action = action
    self.needs = []
    self.preconditions = []
    self.outputs = []
    self.repeatable = false
    self.verify = []
    self.rollback = .nothing
    self.temporary = false
    self.keepsOutput = true
  }
}
