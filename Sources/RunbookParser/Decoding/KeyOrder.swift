/// The order in which the keys of a mapping are written, which is that of the language's description.
package enum KeyOrder {
  /// The whole of a runbook.
  package static let runbook = [
    "belay", "name", "title", "version", "owner", "summary", "severity", "tags", "related", "environments", "use",
    "requires", "inputs", "values", "checks", "tunnels", "objectives", "detached", "locks", "concurrent", "env",
    "defaults", "max-parallel", "timeout", "on-failure", "notify", "preconditions", "steps", "finally", "outputs",
  ]
  /// The whole of a library.
  package static let library = ["library", "name", "title", "version", "owner", "summary", "tags", "values", "checks"]
  package static let requires = ["tools"]
  package static let tool = ["version", "exec", "pattern"]
  package static let tunnel = ["service", "ssh", "to", "namespace", "context", "port"]
  package static let defaults = ["timeout", "on", "prometheus"]
  package static let objectives = ["rto", "rpo"]
  package static let event = ["when", "channel", "message", "required"]
  /// An input, a value, an output or a field.
  package static let declaration = [
    "type", "of", "fields", "values", "default", "value", "pattern", "min", "max", "required", "from", "description",
  ]
  package static let secretSource = ["env", "file", "command", "prompt"]
  private static let actions = [
    "exec", "run", "http", "prometheus", "check", "manual", "decide", "checklist", "wait", "runbook", "steps", "notify",
    "assert",
  ]
  private static let surroundings = ["with", "shell", "on", "env", "directory", "input"]
  package static let step =
    ["id", "title", "description", "needs", "when", "for-each", "max-parallel", "effect"] + actions + surroundings + [
      "background", "ready", "dry-run", "preconditions", "expect", "outputs", "applied", "repeatable", "verify",
      "rollback", "because", "mended-by", "approval", "confirm", "retry", "timeout", "on-failure", "temporary",
      "keep-output",
    ]
  /// A check or a precondition.
  package static let check =
    ["id", "title", "exec", "run", "http", "prometheus", "assert", "manual", "check", "any", "all", "not"]
    + surroundings + ["expect", "every", "within", "holds", "tolerate", "timeout", "outputs", "says", "otherwise"]
  /// One action of a way back.
  package static let undo =
    ["id", "title", "when", "effect", "repeatable"] + actions + surroundings
    + ["expect", "verify", "retry", "timeout", "on-failure", "because", "mended-by"]
  package static let dryRun = ["append"] + actions + surroundings
  package static let http = ["method", "url", "headers", "body", "json", "follow", "ca"]
  package static let prometheus = ["server", "query", "headers", "ca"]
  package static let manual = ["text", "fields", "from", "within"]
  package static let decide = ["question", "options"]
  package static let option = ["id", "title", "when", "ends"]
  /// An item of a checklist that a person ticks.
  package static let tick = ["id", "text", "from", "evidence", "not-applicable"]
  package static let call = ["name", "inputs"]
  package static let notice = ["channel", "message", "required"]
  package static let approval = ["from", "count", "within"]
  package static let confirm = ["type", "message"]
  package static let retry = ["attempts", "delay", "backoff", "max-delay", "when"]
  package static let place = ["ssh", "pod", "namespace", "container", "context"]
  package static let failurePolicy = ["undo", "then"]
}
