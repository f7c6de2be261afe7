import Expressions

/// What an action does to the world.
public enum Effect: String, Sendable, Hashable, CaseIterable, Comparable {
  /// Changes nothing.
  case observe
  /// Changes something, and says how that is undone.
  case change
  /// Changes something that nothing undoes: a point of no return.
  case irreversible

  /// From the weakest to the strongest.
  public static func < (a: Effect, b: Effect) -> Bool { a.rank < b.rank }

  private var rank: Int { self == .observe ? 0 : self == .change ? 1 : 2 }
}

/// What a failure leads to.
public enum FailurePolicy: String, Sendable, Hashable, CaseIterable {
  /// What had started is undone.
  case rollback
  /// Nothing more starts, and changes are left in place.
  case stop
  /// The run goes on without the step. For steps only.
  case `continue`
  /// A person decides.
  case ask
}

/// How much of a run a failure undoes.
public enum UndoScope: String, Sendable, Hashable, CaseIterable {
  /// The item of a `for-each`, or the step itself outside of one.
  case item
  /// The step, with all its items.
  case step
}

/// What happens to a run whose terminal was lost.
public enum DetachedPolicy: String, Sendable, Hashable, CaseIterable {
  /// Pauses at the next safe point.
  case pause
  /// Goes on unattended.
  case goOn = "go-on"
}

/// A type in the language, with its constraints.
public indirect enum InputType: Sendable, Hashable {
  /// A text; `pattern` matches the whole of it.
  case string(pattern: String?)
  /// A 64-bit integer.
  case int(min: Int64?, max: Int64?)
  /// A double.
  case number(min: Double?, max: Double?)
  /// `true` or `false`.
  case bool
  /// A length of time; bounds in milliseconds.
  case duration(min: Int64?, max: Int64?)
  /// An int of bytes.
  case size(min: Int64?, max: Int64?)
  /// A point in time.
  case timestamp
  /// One of some texts.
  case `enum`([String])
  /// Values of one type.
  case list(of: InputType)
  /// Texts to values of one type.
  case map(of: InputType)
  /// Named fields.
  case record([Field])
  /// Anything that JSON can say.
  case json
  /// A text that is never shown. For inputs only.
  case secret

  /// The words that a value may be; empty where they cannot be listed.
  var words: [String] {
    switch self {
    case .enum(let words): words
    case .bool: ["true", "false"]
    default: []
    }
  }

  /// A field of a record.
  public struct Field: Sendable, Hashable {
    /// The field's name.
    public var name: String
    /// The field's type.
    public var type: InputType
    /// Whether it must be there.
    public var required: Bool

    /// A field from its parts.
    public init(name: String, type: InputType, required: Bool = true) {
      self.name = name
      self.type = type
      self.required = required
    }
  }
}

/// Where a secret's value comes from.
public enum SecretSource: Sendable, Hashable {
  /// A variable of the engine's environment.
  case env(String)
  /// The content of a file, without one last line break.
  case file(String)
  /// What a program prints, without one last line break.
  case command([String])
  /// A person, asked without echo.
  case prompt
}

/// A named value that a step, a check or a run gives.
public struct OutputDeclaration: Sendable, Hashable {
  /// The output's name.
  public var name: String
  /// The output's type.
  public var type: InputType
  /// What it is worked out from.
  public var value: Expression

  /// An output from its parts.
  public init(name: String, type: InputType, value: Expression) {
    self.name = name
    self.type = type
    self.value = value
  }
}

/// How an action that failed by itself is repeated.
public struct Retry: Sendable, Hashable {
  /// How often the action is started at most, the first time included.
  public var attempts: Int
  /// The pause before the second attempt, in milliseconds.
  public var delay: Int64
  /// What the pause is multiplied by from one attempt to the next, in thousandths.
  public var backoffPermille: Int64
  /// The longest pause, in milliseconds.
  public var maxDelay: Int64?
  /// What must be true of `result` for another attempt.
  public var when: Expression?

  /// Attempts without a pause.
  public init(attempts: Int) {
    self.attempts = attempts
    self.delay = 1000
    self.backoffPermille = 1000
  }

  /// The pause before an attempt, counted from 1; none before the first.
  public func pause(before attempt: Int) -> Int64 {
    guard attempt > 1 else { return 0 }
    var pause = delay
    let bound = maxDelay ?? 86_400_000
    for _ in 2..<attempt where pause < bound {
      let (product, overflow) = pause.multipliedReportingOverflow(by: backoffPermille)
      pause = overflow ? bound : product / 1000
    }
    return min(pause, bound)
  }
}

/// What a person must say before a step acts.
public struct Confirmation: Sendable, Hashable {
  /// What is said about the step.
  public var message: Text
  /// What must be typed, word for word; yes or no if nil.
  public var type: Text?

  /// A confirmation answered yes or no.
  public init(message: Text, type: Text? = nil) {
    self.message = message
    self.type = type
  }
}

/// One action of a way back.
public struct UndoAction: Sendable, Hashable {
  /// Whether it is needed; evaluated when the rollback runs.
  public var when: Expression?
  /// What it does.
  public var action: Action
  /// What makes it a success.
  public var expect: Expression?
  /// The bound on one attempt, in milliseconds.
  public var timeout: Int64?
  /// How it is repeated if it fails by itself.
  public var retry: Retry?
  /// What must hold afterwards.
  public var verify: [Check]
  /// Whether it is safe where nothing, or half, is left to undo.
  public var repeatable: Bool
  /// Whether rollback goes on past it with what its step needs, though it failed.
  public var continuesOnFailure: Bool

  /// A way back with nothing but its action.
  public init(_ action: Action) {
    self.action = action
    self.verify = []
    self.repeatable = false
    self.continuesOnFailure = false
  }
}

/// How a step's change is undone.
public enum Rollback: Sendable, Hashable {
  /// There is nothing to undo: the step observes, or is a point of no return.
  case nothing
  /// Actions, run in order.
  case actions([UndoAction])
  /// The change stays, by declaration.
  case none(because: String, mendedBy: String?)

  /// Whether there is something to be done.
  public var hasActions: Bool { if case .actions = self { true } else { false } }
}
