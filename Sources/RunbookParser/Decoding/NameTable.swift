import Diagnostics
import Expressions

/// What is known of the names of a runbook before anything runs.
struct NameTable {
  /// A step as others see it.
  struct Step {
    var id: String
    var spelled: String
    var span: ByteSpan
    var outputs: [(name: String, type: ValueType)]
    /// Whether its outputs cannot be read: nothing is said of one that seems not to be there.
    var hasUnreadableOutputs = false
    /// Why the step's outputs may be absent though what needs it runs; nil if they are surely there.
    var mayLack: String?
    /// Why it may not have run to its end though all has succeeded; nil if it surely has.
    var mayBeLeftOut: String?
    /// Whether it may have succeeded without giving its outputs.
    var succeedsWithout = false
    /// The place in the order of the steps; those of `finally` follow the others.
    var place: Int
  }

  /// Inputs by their name in an expression; a secret has no type.
  var inputs: [String: ValueType?] = [:]
  /// Where inputs are declared, by name.
  var inputSpans: [String: ByteSpan] = [:]
  /// Inputs that are declared, but not before the one whose default is being decoded.
  var laterInputs: Set<String> = []
  /// The names of secrets by their name in an expression.
  var secretNames: [String: String] = [:]
  /// Inputs that may be absent.
  var optionalInputs: Set<String> = []
  /// Constants by their name in an expression.
  var values: [String: ValueType] = [:]
  /// The lists of steps that are seen: the runbook's, then those of groups, the innermost last.
  var scopes = [StepScope()]
  /// The types of `item` in the repetitions around, the innermost last.
  var items: [ValueType] = []
  /// The parameters of the named check that is being decoded.
  var parameters: [String: ValueType]?
  /// The tunnels by their names in an expression.
  var tunnels: Set<String> = []
  /// The inventory's type; nil where there is none.
  var platform: ValueType?
  /// Steps whose ids are none, as they are spelled: whoever names one of them makes no mistake of his own.
  var misnamedSteps: Set<String> = []
  /// Whether a library that is used cannot be read, so that nobody knows which values and checks there are.
  var lacksLibrary = false

  /// A list of steps and what is known of it.
  struct StepScope {
    var steps: [Step] = []
    /// Steps by their name in an expression.
    var stepPlaces: [String: Int] = [:]
    var reachability: Reachability?
    /// Where the step that holds the list stands in the list around it; nil for the runbook's own.
    var holder: ExpressionPlace.Reach?
  }

  /// The innermost list of steps.
  private var scope: StepScope {
    get { scopes[scopes.count - 1] }
    set { scopes[scopes.count - 1] = newValue }
    _modify { yield &scopes[scopes.count - 1] }
  }
  var steps: [Step] { scope.steps }
  var stepPlaces: [String: Int] { scope.stepPlaces }
  var reachability: Reachability? {
    get { scope.reachability }
    set { scope.reachability = newValue }
  }

  /// Notes that a step may be left out of a run that ends well.
  mutating func leaveOut(_ place: Int, because reason: String) { scope.steps[place].mayBeLeftOut = reason }

  mutating func add(_ step: Step) {
    scope.stepPlaces[step.spelled] = scope.steps.count
    scope.steps.append(step)
  }

  /// The step of this name that is seen from inside, with the list it stands in.
  func step(named name: String) -> (scope: Int, place: Int)? {
    for level in scopes.indices.reversed() {
      if let place = scopes[level].stepPlaces[name] { return (level, place) }
    }
    return nil
  }

  /// Whether the author of the file has given something this name, as it is spelled in an expression.
  func isOwn(_ name: String) -> Bool {
    if inputs[name] != nil || values[name] != nil || parameters?[name] != nil || tunnels.contains(name) { return true }
    let types = inputs.values.compactMap { $0 } + values.values + (parameters?.values.map { $0 } ?? []) + items
    if (types + [platform].compactMap { $0 }).contains(where: { $0.hasField(name) }) { return true }
    return scopes.contains { scope in
      scope.steps.contains { step in
        step.spelled == name || step.outputs.contains { ExpressionSpelling.of($0.name) == name }
      }
    }
  }

  /// Where an expression at a place stands in a list around it.
  func reach(of place: ExpressionPlace, in level: Int) -> ExpressionPlace.Reach {
    level == scopes.count - 1 ? place.reach : scopes[level + 1].holder ?? .beforeSteps
  }
}

extension ValueType {
  /// Whether a record of this name's field stands somewhere in it.
  fileprivate func hasField(_ name: String) -> Bool {
    switch self {
    case .record(let fields): fields.contains { $0.name == name || $0.type.hasField(name) }
    case .list(let element): element.hasField(name)
    case .map(_, let value): value.hasField(name)
    default: false
    }
  }
}

/// What `result` is where an expression stands.
enum ResultShape: Sendable {
  case none
  case program
  case http
  case fields([(name: String, type: ValueType)])
  case choice
  case items
  case check(outputs: [(name: String, type: ValueType)], asked: [ValueType.Field])
  case prometheus
  case delivery
  case call(outputs: [(name: String, type: ValueType)])
  case anything

  /// What `result` is where a check stands for an action: its outputs, and what its own question gives.
  static func check(_ check: Check?) -> ResultShape {
    .check(
      outputs: (check?.outputs ?? []).map { (name: $0.name, type: $0.type.valueType) },
      asked: check.map { asked(by: $0.probe) } ?? anythingFields)
  }

  private static func asked(by probe: Check.Probe) -> [ValueType.Field] {
    let type: ValueType? =
      switch probe {
      case .program, .tool: programType
      case .http: httpType
      case .prometheus: prometheusType
      case .manual(let manual):
        ResultShape.fields(manual.fields.map { (ExpressionSpelling.of($0.name), $0.type.valueType) }).type
      case .assert: nil
      case .any, .all, .not: .record(anythingFields)
      }
    if case .record(let fields)? = type { return fields }
    return []
  }

  /// The type of `result`; nil where there is none.
  var type: ValueType? {
    switch self {
    case .none: nil
    case .program: Self.programType
    case .http: Self.httpType
    case .fields(let fields):
      .record([
        ValueType.Field(name: "fields", type: .record(fields.map { ValueType.Field(name: $0.name, type: $0.type) })),
        ValueType.Field(name: "by", type: .string),
      ])
    case .prometheus: Self.prometheusType
    case .delivery: Self.deliveryType
    case .call(let outputs):
      .record([
        ValueType.Field(name: "status", type: .string),
        ValueType.Field(
          name: "outputs",
          type: .record(
            outputs.map { ValueType.Field(name: ExpressionSpelling.of($0.name), type: $0.type) })),
      ])
    case .choice: Self.choiceType
    case .items: Self.itemsType
    case .check(let outputs, let asked):
      .record(
        asked + [
          ValueType.Field(
            name: "outputs",
            type: .record(
              outputs.map { ValueType.Field(name: ExpressionSpelling.of($0.name), type: $0.type) }))
        ])
    case .anything: .dyn
    }
  }

  private static func fields(_ fields: [(String, ValueType)], optional: Bool = false) -> [ValueType.Field] {
    fields.map { ValueType.Field(name: $0.0, type: $0.1, optional: optional) }
  }

  private static let programFields: [(String, ValueType)] = [
    ("exit", .int), ("stdout", .string), ("stderr", .string), ("lines", .list(.string)), ("json", .dyn),
    ("duration", .duration),
  ]
  private static let programType = ValueType.record(fields(programFields))
  private static let httpFields: [(String, ValueType)] = [
    ("status", .int), ("headers", .map(.string, .string)), ("body", .string), ("json", .dyn), ("duration", .duration),
    ("tls", .record([ValueType.Field(name: "expires", type: .timestamp)])),
  ]
  private static let httpType = ValueType.record(fields(httpFields))
  private static let prometheusType = ValueType.record(
    fields([
      ("value", .double), ("duration", .duration),
      (
        "samples",
        .list(
          .record(fields([("labels", .map(.string, .string)), ("value", .double), ("at", .timestamp)])))
      ),
    ]))
  private static let deliveryType = ValueType.record(fields([("delivered", .bool), ("error", .string)]))
  private static let choiceType = ValueType.record(fields([("choice", .string), ("by", .string)]))
  private static let itemsType = ValueType.record(fields([("items", .dyn), ("by", .string)]))
  private static let anythingFields = fields(
    programFields + httpFields.filter { $0.0 != "json" && $0.0 != "duration" }, optional: true)
}

/// Where an expression stands: what it may use, and what is known to have happened.
struct ExpressionPlace {
  /// How much of the run an expression sees.
  enum Reach {
    /// Inputs and constants, at planning.
    case constants
    /// Inputs, constants and the run; no step has run.
    case beforeSteps
    /// What a step sees on its way: the steps it needs.
    case step(Int)
    /// What a step's way back sees: the steps it needs, and its own outputs if they are there.
    case undo(Int)
    /// What a step of `finally` sees: everything, none of it surely there.
    case finally(Int)
    /// What people are told of the run: how it stands, and none of its steps.
    case notice
    /// What the run gives to its caller: everything, once all has succeeded.
    case outputs
  }

  var reach: Reach
  var result: ResultShape
  /// Whether a whole secret may stand there.
  var allowsSecret = false
  /// What is known because the step's `when` was true.
  var guards: [Guard] = []

  init(_ reach: Reach, result: ResultShape = .none) {
    self.reach = reach
    self.result = result
  }

  /// Whether it is worked out before there is a run.
  var isAtPlanning: Bool { if case .constants = reach { true } else { false } }

  func with(_ result: ResultShape) -> ExpressionPlace {
    var copy = self
    copy.result = result
    return copy
  }

  var forSecrets: ExpressionPlace {
    var copy = self
    copy.allowsSecret = true
    return copy
  }
}
