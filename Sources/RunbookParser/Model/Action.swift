import Expressions

/// A text in which `${{ expression }}` may stand, as planning left it.
public enum Text: Sendable, Hashable {
  /// No expression is left in it.
  case literal(String)
  /// Evaluated when it is used.
  case template(TemplateText)
  /// A whole secret input, by name; its value is known to the performer alone.
  case secret(String)
}

/// One word of an argument list.
public enum ProgramArgument: Sendable, Hashable {
  /// Exactly one argument.
  case word(Text)
  /// As many arguments as the list has elements.
  case spliced(Expression)
}

/// A variable of a program's environment.
public struct EnvironmentVariable: Sendable, Hashable {
  /// The variable's name.
  public var name: String
  /// Its value.
  public var value: Text

  /// A variable from its name and value.
  public init(name: String, value: Text) {
    self.name = name
    self.value = value
  }
}

/// A program to start: an argument list, or a script for a shell.
public struct Program: Sendable, Hashable {
  /// What is started.
  public enum Command: Sendable, Hashable {
    /// An argument list, started without a shell.
    case exec([ProgramArgument])
    /// A script, passed to the shell as the last argument.
    case script(String, shell: [String])
  }

  /// What is started.
  public var command: Command
  /// Variables added to the inherited ones, the runbook's and the step's in one list, each name once.
  public var environment: [EnvironmentVariable]
  /// The working directory; the engine's own if nil.
  public var directory: Text?
  /// What stands on standard input; nothing if nil.
  public var input: Text?
  /// Where it runs; on the engine's machine if nil.
  public var place: Place?

  /// A program with nothing but its command.
  public init(_ command: Command) {
    self.command = command
    self.environment = []
  }
}

/// A request over HTTP.
public struct HTTPCall: Sendable, Hashable {
  /// The method in upper case.
  public var method: String
  /// The address.
  public var url: Text
  /// Header fields in order.
  public var headers: [EnvironmentVariable]
  /// What is sent.
  public var body: Text?
  /// Whether redirections are followed.
  public var follow: Bool
  /// A file of certificates that are trusted besides the system's.
  public var ca: Text?

  /// A request without headers and body.
  public init(method: String, url: Text) {
    self.method = method
    self.url = url
    self.headers = []
    self.follow = false
  }
}

/// Something a person does.
public struct Manual: Sendable, Hashable {
  /// What the person is shown.
  public var text: Text
  /// Values that the person is asked for.
  public var fields: [FieldDeclaration]
  /// The roles that may answer; anybody if empty.
  public var from: [String]
  /// How long an answer is waited for, in milliseconds.
  public var within: Int64?

  /// An instruction without fields.
  public init(text: Text) {
    self.text = text
    self.fields = []
    self.from = []
  }
}

/// A value that a person is asked for.
public struct FieldDeclaration: Sendable, Hashable {
  /// The field's name.
  public var name: String
  /// The type and constraints of what is typed.
  public var type: InputType
  /// What is shown.
  public var description: String?

  /// A field from its parts.
  public init(name: String, type: InputType, description: String? = nil) {
    self.name = name
    self.type = type
    self.description = description
  }
}

/// A choice among options: the first whose `when` is true, else a person's.
public struct Decision: Sendable, Hashable {
  /// One of the options.
  public struct Option: Sendable, Hashable {
    /// The option's name, the value of `result.choice`.
    public var id: String
    /// What is shown.
    public var title: String?
    /// Chooses this option without asking.
    public var when: Expression?
    /// Whether choosing it finishes the run there.
    public var endsRun: Bool

    /// An option from its parts.
    public init(id: String, title: String? = nil, when: Expression? = nil, endsRun: Bool = false) {
      self.id = id
      self.title = title
      self.when = when
      self.endsRun = endsRun
    }
  }

  /// What is asked.
  public var question: Text
  /// What can be chosen, in order.
  public var options: [Option]

  /// A decision from its parts.
  public init(question: Text, options: [Option]) {
    self.question = question
    self.options = options
  }
}

/// One item of a checklist.
public enum ChecklistItem: Sendable, Hashable {
  /// A person ticks it.
  case tick(Tick)
  /// It checks itself.
  case check(Check)

  /// An item that a person ticks.
  public struct Tick: Sendable, Hashable {
    /// The name in addresses.
    public var id: String?
    /// What is to be made sure of.
    public var text: Text
    /// The roles that may tick it; anybody if empty.
    public var from: [String]
    /// Whether a line of evidence is asked for.
    public var evidence: Bool
    /// Whether it may be ticked as not applicable.
    public var notApplicable: Bool

    /// An item from its text.
    public init(text: Text) {
      self.text = text
      self.from = []
      self.evidence = false
      self.notApplicable = false
    }
  }
}

/// What a step does.
public indirect enum Action: Sendable, Hashable {
  /// Starts a program.
  case program(Program)
  /// Sends a request.
  case http(HTTPCall)
  /// Lets a person do something.
  case manual(Manual)
  /// Chooses an option.
  case decide(Decision)
  /// Goes through a checklist.
  case checklist([ChecklistItem])
  /// Waits, in milliseconds.
  case wait(Int64)
  /// Evaluates an expression that must be true.
  case assert(Expression)
  /// Polls a check.
  case check(Check)
  /// Asks Prometheus once.
  case prometheus(PrometheusQuery)
  /// Tells people something.
  case notify(Notice)
  /// A step for each element of a list.
  case forEach(ForEach)
  /// Steps inside the step.
  case group(Group)
  /// Another runbook.
  case call(Call)

  /// Whether it holds steps.
  public var holdsOthers: Bool {
    switch self {
    case .forEach, .group, .call: true
    default: false
    }
  }

  /// The lists of steps that stand inside it.
  public var blocks: [[PlannedStep]] {
    switch self {
    case .forEach(let each): [each.steps]
    case .group(let group): [group.steps]
    case .call(let call): [call.steps, call.finally]
    default: []
    }
  }
}

/// An instant query of Prometheus.
public struct PrometheusQuery: Sendable, Hashable {
  /// The address of the server, without `/api`.
  public var server: Text
  /// The query, in PromQL.
  public var query: Text
  /// Header fields in order.
  public var headers: [EnvironmentVariable]
  /// A file of certificates that are trusted besides the system's.
  public var ca: Text?

  /// A query without headers.
  public init(server: Text, query: Text) {
    self.server = server
    self.query = query
    self.headers = []
  }
}

/// Something that people are told.
public struct Notice: Sendable, Hashable {
  /// The channel, a name of the project's `channels`.
  public var channel: Channel
  /// What is said.
  public var message: Text
  /// Whether a message that was not delivered is a failure.
  public var required: Bool

  /// A notice that may go astray.
  public init(channel: Channel, message: Text, required: Bool = false) {
    self.channel = channel
    self.message = message
    self.required = required
  }
}
