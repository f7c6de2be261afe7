/// The keys that a mapping of one kind may have.
struct KeyTable: Sendable {
  /// What the mapping is, with an article.
  let subject: String
  /// The keys that are understood, in the order in which they are written.
  let order: [String]
  /// The same without an order.
  let keys: Set<String>

  init(_ subject: String, _ order: [String]) {
    self.subject = subject
    self.order = order
    self.keys = Set(order)
  }

  // MARK: Files

  static let runbook = KeyTable(
    "a runbook",
    [
      "belay", "name", "title", "version", "owner", "summary", "severity", "tags", "related", "environments", "use",
      "requires", "inputs", "values", "checks", "tunnels", "objectives", "detached", "locks", "concurrent", "env",
      "defaults", "max-parallel", "timeout", "on-failure", "notify", "preconditions", "steps", "finally", "outputs",
    ])
  static let library = KeyTable(
    "a library", ["library", "name", "title", "version", "owner", "summary", "tags", "values", "checks"])
  static let project = KeyTable(
    "a project's file",
    [
      "project", "name", "inventory", "environments", "defaults", "channels", "people", "roles", "keys", "starts",
      "approvals", "freezes",
    ])
  static let inventory = KeyTable("an inventory", ["platform", "name", "title", "owner", "fields", "values"])

  static let rehearsal = KeyTable(
    "a rehearsal",
    ["rehearsal", "runbook", "name", "inputs", "environment", "clock", "answers", "people", "faults", "then", "expect"])

  // MARK: Rehearsals

  static let answer = KeyTable(
    "an answer",
    [
      "exit", "signal", "status", "headers", "stdout", "stderr", "body", "json", "value", "samples", "error", "holds",
      "outputs", "applied", "takes", "until",
    ])
  static let sample = KeyTable("a sample", ["labels", "value"])
  static let saying = KeyTable(
    "what a person says",
    ["approve", "deny", "confirm", "choose", "tick", "fields", "by", "reason", "after"])
  static let fault = KeyTable("a fault", ["at", "kind"])
  static let expectation = KeyTable(
    "`expect`", ["outcome", "order", "never", "statuses", "within", "residue"])

  // MARK: Around the steps

  static let requires = KeyTable("`requires`", ["tools"])
  static let tool = KeyTable("a tool", ["version", "exec", "pattern"])
  static let tunnel = KeyTable("a tunnel", ["service", "ssh", "to", "namespace", "context", "port"])
  static let defaults = KeyTable("`defaults`", ["timeout", "on", "prometheus"])
  static let objectives = KeyTable("`objectives`", ["rto", "rpo"])
  static let runNotice = KeyTable("a notice of a run", ["when", "channel", "message"])

  // MARK: Types

  static let input = KeyTable("an input", type + ["default"] + bounds + ["required", "from", "description"])
  static let value = KeyTable("a value", type + ["value"] + bounds + ["description"])
  static let output = KeyTable("an output", value.order)
  static let field = KeyTable("a field", type + bounds + ["description"])
  static let secretSource = KeyTable("the source of a secret", ["env", "file", "command", "prompt"])
  private static let type = ["type", "of", "fields", "values"]
  private static let bounds = ["pattern", "min", "max"]

  // MARK: Steps

  static let actions = [
    "exec", "run", "http", "prometheus", "check", "manual", "decide", "checklist", "wait", "notify", "assert",
  ]
  /// What holds steps.
  static let blocks = ["runbook", "steps"]
  private static let surroundings = ["shell", "on", "env", "directory", "input"]
  static let step = KeyTable(
    "a step",
    ["id", "title", "description", "needs", "when", "for-each", "max-parallel", "effect"] + actions + blocks
      + ["with"] + surroundings + [
        "background", "ready", "dry-run", "preconditions", "expect", "outputs", "applied", "repeatable", "verify",
        "rollback", "because", "mended-by", "approval", "confirm", "retry", "timeout", "on-failure", "temporary",
        "keep-output",
      ])
  static let undo = KeyTable(
    "a way back",
    ["title", "when", "repeatable"] + actions + surroundings + ["expect", "verify", "retry", "timeout", "on-failure"])
  /// What stands for a way back where the change stays.
  static let kept = KeyTable("`rollback`", ["because", "mended-by"])
  static let dryRun = KeyTable("`dry-run`", ["append"] + actions + surroundings)
  static let approval = KeyTable("`approval`", ["from", "count", "within"])
  static let confirm = KeyTable("`confirm`", ["type", "message"])
  static let retry = KeyTable("`retry`", ["attempts", "delay", "backoff", "max-delay", "when"])
  static let scopedFailure = KeyTable("`on-failure`", ["undo", "then"])
  static let place = KeyTable("`on`", ["ssh", "pod", "namespace", "container", "context"])

  // MARK: Checks

  static let probes = ["exec", "run", "http", "prometheus", "assert", "manual", "check", "any", "all", "not"]
  /// What repeats a check, which the one around it does for those inside.
  static let repeating = ["every", "within", "holds", "tolerate"]
  static let check = KeyTable(
    "a check",
    ["id", "title"] + probes + ["with"] + surroundings + ["expect"] + repeating + ["timeout", "outputs", "says"])
  static let namedCheck = KeyTable("a named check", check.order)
  static let innerCheck = KeyTable("a check inside another", check.order.filter { !repeating.contains($0) })
  static let precondition = KeyTable("a precondition", check.order + ["otherwise"])

  // MARK: Actions

  static let http = KeyTable("a request", ["method", "url", "headers", "body", "json", "follow", "ca"])
  static let prometheus = KeyTable("a query", ["server", "query", "headers", "ca"])
  static let manual = KeyTable("`manual`", ["text", "fields", "from", "within"])
  static let decide = KeyTable("`decide`", ["question", "options"])
  static let option = KeyTable("an option", ["id", "title", "when", "ends"])
  static let tick = KeyTable("an item", ["id", "text", "from", "evidence", "not-applicable"])
  static let notice = KeyTable("a notice", ["channel", "message", "required"])
  static let call = KeyTable("a call", ["name", "inputs"])

  // MARK: Projects

  static let projectDefaults = KeyTable("`defaults`", ["timeout", "prometheus"])
  static let prometheusDefaults = KeyTable("`prometheus`", ["server", "headers", "ca"])
  static let environment = KeyTable("an environment", ["inputs", "platform"])
  static let channel = KeyTable("a channel", ["webhook", "slack", "pagerduty", "command"])
  static let slack = KeyTable("`slack`", ["url"])
  static let pagerDuty = KeyTable("`pagerduty`", ["routing-key", "severity", "url"])
  static let person = KeyTable("a person", ["login", "principal"])
  static let keys = KeyTable("`keys`", ["allowed-signers", "revoked"])
  static let startRule = KeyTable("a rule about starts", concerned + ["from"])
  static let approvalRule = KeyTable(
    "a rule about approvals", ["effects"] + concerned + ["from", "count", "within", "not-starter"])
  private static let concerned = ["environments", "runbooks", "tags"]
  static let freeze = KeyTable("a freeze", ["from", "until", "environments", "except"])
  static let exception = KeyTable("`except`", ["runbooks", "tags"])
}
