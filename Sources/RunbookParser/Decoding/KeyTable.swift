/// The keys that a mapping of one kind may have.
struct KeyTable: Sendable {
  /// What the mapping is, with an article.
  let subject: String
  /// The keys that are understood.
  let keys: Set<String>
  /// Keys of the language that this version does not understand yet.
  let later: Set<String>

  init(_ subject: String, _ keys: [String], later: [String] = []) {
    self.subject = subject
    self.keys = Set(keys)
    self.later = Set(later)
  }

  static let runbook = KeyTable(
    "a runbook",
    [
      "belay", "name", "title", "version", "owner", "summary", "severity", "tags", "related", "environments",
      "requires", "inputs", "values", "checks", "objectives", "detached", "locks", "concurrent", "env", "defaults",
      "max-parallel", "timeout", "on-failure", "preconditions", "steps", "finally", "outputs",
    ], later: ["use", "tunnels", "notify"])
  static let requires = KeyTable("`requires`", ["tools"])
  static let tool = KeyTable("a tool", ["version", "exec", "pattern"])
  static let defaults = KeyTable("`defaults`", ["timeout", "on"], later: ["prometheus"])
  static let place = KeyTable("`on`", ["ssh", "pod", "namespace", "container", "context"])
  static let objectives = KeyTable("`objectives`", ["rto", "rpo"])
  static let input = KeyTable(
    "an input",
    ["type", "of", "fields", "values", "pattern", "min", "max", "required", "default", "description", "from"])
  static let secretSource = KeyTable("the source of a secret", ["env", "file", "command", "prompt"])
  static let value = KeyTable(
    "a value", ["type", "of", "fields", "values", "pattern", "min", "max", "value", "description"])
  static let output = KeyTable(
    "an output", ["type", "of", "fields", "values", "pattern", "min", "max", "value", "description"])
  static let actions = [
    "exec", "run", "http", "manual", "decide", "checklist", "wait", "assert", "check",
  ]
  static let laterActions = ["prometheus", "runbook", "steps", "notify"]
  static let step = KeyTable(
    "a step",
    actions + [
      "id", "title", "description", "needs", "when", "effect", "env", "directory", "input", "shell", "dry-run",
      "preconditions", "expect", "outputs", "applied", "repeatable", "verify", "rollback", "because", "mended-by",
      "confirm",
      "retry", "timeout", "on-failure", "on",
    ],
    later: laterActions + [
      "approval", "for-each", "max-parallel", "background", "ready", "temporary", "keep-output", "with",
    ])
  static let probes = ["exec", "run", "http", "assert", "manual", "check", "any", "all", "not"]
  static let check = KeyTable(
    "a check",
    probes + [
      "id", "title", "expect", "every", "within", "holds", "tolerate", "timeout", "env", "input", "directory", "shell",
      "outputs", "says", "on",
    ], later: ["prometheus", "with"])
  static let precondition = KeyTable(
    "a precondition", Array(check.keys) + ["otherwise"], later: Array(check.later))
  static let undo = KeyTable(
    "a way back",
    actions + [
      "id", "title", "when", "effect", "env", "directory", "input", "shell", "expect", "timeout", "retry", "verify",
      "repeatable", "on-failure", "because", "mended-by", "on",
    ], later: laterActions)
  static let dryRun = KeyTable(
    "`dry-run`", actions + ["env", "directory", "input", "shell", "on"], later: laterActions + ["append"])
  static let http = KeyTable("a request", ["method", "url", "headers", "body", "json", "follow", "ca"])
  static let manual = KeyTable("`manual`", ["text", "fields", "within"], later: ["from"])
  static let field = KeyTable("a field", ["type", "of", "values", "pattern", "min", "max", "description"])
  static let decide = KeyTable("`decide`", ["question", "options"])
  static let option = KeyTable("an option", ["id", "title", "when", "ends"])
  static let tick = KeyTable("an item", ["id", "text", "evidence", "not-applicable"], later: ["from"])
  static let confirm = KeyTable("`confirm`", ["type", "message"])
  static let retry = KeyTable("`retry`", ["attempts", "delay", "backoff", "max-delay", "when"])
}
