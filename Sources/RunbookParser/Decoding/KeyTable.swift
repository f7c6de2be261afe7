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
      "max-parallel", "timeout", "on-failure", "preconditions", "steps", "finally", "outputs", "use", "tunnels",
      "notify",
    ])
  static let tunnel = KeyTable("a tunnel", ["service", "namespace", "context", "port", "ssh", "to"])
  static let library = KeyTable(
    "a library", ["library", "name", "title", "version", "owner", "summary", "tags", "values", "checks"])
  static let requires = KeyTable("`requires`", ["tools"])
  static let tool = KeyTable("a tool", ["version", "exec", "pattern"])
  static let defaults = KeyTable("`defaults`", ["timeout", "prometheus", "on"])
  static let place = KeyTable("`on`", ["ssh", "pod", "namespace", "container", "context"])
  static let prometheusDefaults = KeyTable("`prometheus`", ["server", "headers", "ca"])
  static let prometheus = KeyTable("a query", ["server", "query", "headers", "ca"])
  static let notice = KeyTable("a notice", ["channel", "message", "required"])
  static let runNotice = KeyTable("a notice of a run", ["when", "channel", "message"])
  static let project = KeyTable(
    "a project's file",
    [
      "project", "name", "inventory", "environments", "defaults", "channels", "people", "roles", "keys", "starts",
      "approvals", "freezes",
    ])
  static let projectDefaults = KeyTable("`defaults`", ["timeout", "prometheus"])
  static let environment = KeyTable("an environment", ["inputs", "platform"])
  static let freeze = KeyTable("a freeze", ["from", "until", "environments", "except"])
  static let exception = KeyTable("`except`", ["runbooks", "tags"])
  static let person = KeyTable("a person", ["login", "principal"])
  static let keys = KeyTable("`keys`", ["allowed-signers", "revoked"])
  static let startRule = KeyTable("a rule about starts", ["environments", "runbooks", "tags", "from"])
  static let approvalRule = KeyTable(
    "a rule about approvals",
    ["effects", "environments", "runbooks", "tags", "from", "count", "within", "not-starter"])
  static let approval = KeyTable("`approval`", ["from", "count", "within"])
  static let inventory = KeyTable("an inventory", ["platform", "name", "title", "owner", "fields", "values"])
  static let channel = KeyTable("a channel", ["webhook", "slack", "pagerduty", "command"])
  static let slack = KeyTable("`slack`", ["url"])
  static let pagerDuty = KeyTable("`pagerduty`", ["routing-key", "severity", "url"])
  static let call = KeyTable("a call", ["name", "inputs"])
  static let scopedFailure = KeyTable("`on-failure`", ["undo", "then"])
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
    "exec", "run", "http", "prometheus", "manual", "decide", "checklist", "wait", "assert", "check", "notify",
  ]
  /// What holds steps.
  static let blocks = ["steps", "runbook"]
  static let laterActions: [String] = []
  static let step = KeyTable(
    "a step",
    actions + blocks + [
      "with", "for-each", "max-parallel", "temporary", "background", "ready", "keep-output",
      "id", "title", "description", "needs", "when", "effect", "env", "directory", "input", "shell", "dry-run",
      "preconditions", "expect", "outputs", "applied", "repeatable", "verify", "rollback", "because", "mended-by",
      "approval", "confirm", "retry", "timeout", "on-failure", "on",
    ], later: laterActions)
  static let probes = ["exec", "run", "http", "prometheus", "assert", "manual", "check", "any", "all", "not"]
  static let check = KeyTable(
    "a check",
    probes + [
      "id", "title", "expect", "every", "within", "holds", "tolerate", "timeout", "env", "input", "directory", "shell",
      "outputs", "says", "with", "on",
    ])
  static let namedCheck = KeyTable("a named check", Array(check.keys))
  /// What repeats a check, which the one around it does for those inside.
  static let repeating = ["every", "within", "holds", "tolerate"]
  static let innerCheck = KeyTable("a check inside another", check.keys.filter { !repeating.contains($0) })
  static let precondition = KeyTable(
    "a precondition", Array(check.keys) + ["otherwise"], later: Array(check.later))
  static let undo = KeyTable(
    "a way back",
    actions + [
      "title", "when", "env", "directory", "input", "shell", "expect", "timeout", "retry", "verify",
      "repeatable", "on-failure", "on",
    ], later: laterActions)
  /// What stands for a way back where the change stays.
  static let kept = KeyTable("`rollback`", ["because", "mended-by"])
  static let dryRun = KeyTable(
    "`dry-run`", actions + ["append", "env", "directory", "input", "shell", "on"], later: laterActions)
  static let http = KeyTable("a request", ["method", "url", "headers", "body", "json", "follow", "ca"])
  static let manual = KeyTable("`manual`", ["text", "fields", "from", "within"])
  static let field = KeyTable("a field", ["type", "of", "fields", "values", "pattern", "min", "max", "description"])
  static let decide = KeyTable("`decide`", ["question", "options"])
  static let option = KeyTable("an option", ["id", "title", "when", "ends"])
  static let tick = KeyTable("an item", ["id", "text", "from", "evidence", "not-applicable"])
  static let confirm = KeyTable("`confirm`", ["type", "message"])
  static let retry = KeyTable("`retry`", ["attempts", "delay", "backoff", "max-delay", "when"])
}
