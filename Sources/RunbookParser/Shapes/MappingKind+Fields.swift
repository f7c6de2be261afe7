extension MappingKind {
  /// What stands under each key, by kind.
  static let fields: [MappingKind: [String: Shape]] = [
    .runbook: runbookFields, .library: libraryFields, .project: projectFields, .inventory: inventoryFields,
    .rehearsal: [
      "rehearsal": .scalar(.one), "runbook": .text, "name": .text, "inputs": .names(.anything, .any),
      "environment": .text, "clock": .text,
      "answers": .names(.either([.mapping(.answer), .list(.mapping(.answer), atLeast: 1)]), .any),
      "people": .names(.either([.mapping(.saying), .list(.mapping(.saying))]), .any),
      "faults": .list(.mapping(.fault)),
      "then": .either([.word(RehearsalScenario.Act.self), .list(.word(RehearsalScenario.Act.self))]),
      "expect": .mapping(.expectation),
    ],
    .answer: [
      "exit": .integer(0...255), "signal": .integer(1...64), "status": .integer(100...599),
      "headers": .environment, "stdout": .template, "stderr": .template, "body": .template, "json": .anything,
      "value": .scalar(.anyNumber), "samples": .list(.mapping(.sample)), "error": .text, "holds": .flag,
      "outputs": .names(.anything, .any), "applied": .flag, "takes": .scalar(.plainDuration),
      "until": .scalar(.plainDuration),
    ],
    .sample: ["labels": .names(.template, .any), "value": .scalar(.anyNumber)],
    .saying: [
      "approve": .text, "deny": .text, "confirm": .flag, "choose": .text,
      "tick": .word(["true", "false", "not-applicable"]), "fields": .names(.anything, .any), "by": .text,
      "reason": .text, "after": .scalar(.plainDuration),
    ],
    .fault: ["at": .text, "kind": .word(RehearsalScenario.Fault.Kind.self)],
    .expectation: [
      "outcome": .word(RehearsalScenario.Outcome.self), "order": .texts, "never": .texts,
      "statuses": .names(.word(RehearsalScenario.Status.self), .any), "within": .duration, "residue": .texts,
    ],
    .requires: ["tools": .names(.either([.scalar(.versionBounds), .mapping(.tool)]), .program)],
    .tool: ["version": .scalar(.versionBounds), "exec": .list(.text, atLeast: 1), "pattern": .text],
    .defaults: ["timeout": .duration, "prometheus": .mapping(.prometheusDefaults), "on": on],
    .projectDefaults: ["timeout": .duration, "prometheus": .mapping(.prometheusDefaults)],
    .prometheusDefaults: ["server": .template, "headers": .environment, "ca": .template],
    .objectives: ["rto": .duration, "rpo": .scalar(.duration(zeroToo: true))],
    .tunnel: [
      "service": .scalar(.place), "namespace": .template, "context": .template, "port": .scalar(.port),
      "ssh": .scalar(.place), "to": .scalar(.destination),
    ],
    .runNotice: ["when": .list(.word(RunMoment.self), atLeast: 1), "channel": .text, "message": .template],
    .environment: ["inputs": .names(.anything, .any), "platform": .names(.anything, .any)],
    .person: ["login": .text, "principal": .text],
    .keys: ["allowed-signers": .text, "revoked": .text],
    .startRule: concerned.merging(["from": .list(.text, atLeast: 1)]) { $1 },
    .approvalRule: concerned.merging([
      "effects": .list(.word(Effect.self), atLeast: 1), "from": .list(.text, atLeast: 1), "count": .integer(1...100),
      "within": .duration, "not-starter": .flag,
    ]) { $1 },
    .freeze: ["from": .text, "until": .text, "environments": .texts, "except": .mapping(.exception)],
    .exception: ["runbooks": .texts, "tags": .texts],
    .channel: [
      "webhook": .mapping(.http), "slack": .mapping(.slack), "pagerduty": .mapping(.pagerDuty), "command": .arguments,
    ],
    .slack: ["url": .template],
    .pagerDuty: [
      "routing-key": .template, "severity": .word(["critical", "error", "warning", "info"]), "url": .template,
    ],
    .input: declaration(
      DeclaredType.all,
      ["required": .flag, "default": .anything, "from": .either([.word(["prompt"]), .mapping(.secretSource)])]),
    .value: declaration(DeclaredType.open, ["value": .expression]),
    .output: declaration(DeclaredType.open, ["value": .expression]),
    .field: declaration(DeclaredType.open, [:]),
    .secretSource: [
      "env": .text, "file": .text, "command": .list(.text, atLeast: 1), "prompt": .word(["true"]),
    ],
    .step: stepFields, .undo: undoFields, .dryRun: dryRunFields,
    .kept: ["because": .text, "mended-by": .text],
    .check: checkFields, .namedCheck: checkFields.merging(["with": .names(declared)]) { $1 },
    .innerCheck: checkFields.filter { KeyTable.innerCheck.keys.contains($0.key) },
    .precondition: checkFields.merging(["otherwise": .word(Precondition.Otherwise.self)]) { $1 },
    .runPrecondition: checkFields.merging(["otherwise": .word(["stop", "ask"])]) { $1 },
    .http: request(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]),
    .probe: request(["GET", "HEAD", "OPTIONS", "POST"]),
    .prometheus: ["server": .template, "query": .template, "headers": .environment, "ca": .template],
    .manual: ["text": .template, "fields": .names(declared), "from": .list(.text, atLeast: 1), "within": .duration],
    .decide: ["question": .template, "options": .list(.mapping(.option), atLeast: 1)],
    .option: ["id": .scalar(.name), "title": .text, "when": .expression, "ends": .word(["stop"])],
    .tick: [
      "id": .scalar(.name), "text": .template, "from": .list(.text, atLeast: 1), "evidence": .flag,
      "not-applicable": .flag,
    ],
    .notice: ["channel": .text, "message": .template, "required": .flag],
    .call: ["name": .text, "inputs": .names(.anything, .any)],
    .place: [
      "ssh": .scalar(.place), "pod": .scalar(.place), "namespace": .template, "container": .template,
      "context": .template,
    ],
    .retry: [
      "attempts": .integer(1...1000), "delay": .scalar(.duration(zeroToo: true)),
      "backoff": .scalar(.decimal(1...100)), "max-delay": .duration, "when": .expression,
    ],
    .confirm: ["type": .template, "message": .template],
    .approval: ["from": .list(.text, atLeast: 1), "count": .integer(1...100), "within": .duration],
    .scopedFailure: ["undo": .word(["item", "step", "run"]), "then": .word(["stop", "continue", "ask"])],
  ]

  // MARK: Files

  private static let head: [String: Shape] = [
    "name": .scalar(.name), "title": .text, "version": .scalar(.version), "owner": .text, "summary": .text,
    "tags": .texts,
  ]

  private static let runbookFields = head.merging([
    "belay": .scalar(.one), "severity": .text, "related": .texts, "environments": .texts, "use": .texts,
    "requires": .mapping(.requires),
    "inputs": .names(.either([.scalar(.bareType(DeclaredType.all)), .mapping(.input)])),
    "values": .names(.mapping(.value)), "checks": .names(.mapping(.namedCheck)), "tunnels": .names(.mapping(.tunnel)),
    "objectives": .mapping(.objectives), "detached": .word(DetachedPolicy.self), "locks": .texts, "concurrent": .flag,
    "env": .environment, "defaults": .mapping(.defaults), "max-parallel": .integer(1...1_000_000),
    "timeout": .duration, "on-failure": .word(["rollback", "stop", "ask"]), "notify": .list(.mapping(.runNotice)),
    "preconditions": .list(.mapping(.runPrecondition)), "steps": .list(.mapping(.step), atLeast: 1),
    "finally": .list(.mapping(.step)), "outputs": .names(.mapping(.output)),
  ]) { $1 }

  private static let libraryFields = head.merging([
    "library": .scalar(.one), "values": .names(.mapping(.value)), "checks": .names(.mapping(.namedCheck)),
  ]) { $1 }

  private static let projectFields: [String: Shape] = [
    "project": .scalar(.one), "name": .text, "inventory": .text, "environments": .names(.mapping(.environment)),
    "defaults": .mapping(.projectDefaults), "channels": .names(.mapping(.channel)), "people": .names(.mapping(.person)),
    "roles": .names(.list(.text, atLeast: 1)), "keys": .mapping(.keys), "starts": .names(.mapping(.startRule)),
    "approvals": .names(.mapping(.approvalRule)), "freezes": .names(.mapping(.freeze)),
  ]

  /// Which runs a rule of the project concerns.
  private static let concerned: [String: Shape] = ["environments": .texts, "runbooks": .texts, "tags": .texts]

  private static let inventoryFields: [String: Shape] = [
    "platform": .scalar(.one), "name": .text, "title": .text, "owner": .text, "fields": .names(declared),
    "values": .names(.anything, .any),
  ]

  // MARK: Types

  /// A type with its constraints, or its bare name.
  private static let declared = Shape.either([.scalar(.bareType(DeclaredType.open)), .mapping(.field)])

  private static func declaration(_ types: [String], _ more: [String: Shape]) -> [String: Shape] {
    more.merging([
      "type": .word(types), "of": declared, "fields": .names(declared), "values": .list(.text, atLeast: 1),
      "pattern": .text, "min": .text, "max": .text, "description": .text,
    ]) { $1 }
  }

  // MARK: Actions

  private static let on = Shape.either([.scalar(.here), .mapping(.place)])

  private static func request(_ methods: [String]) -> [String: Shape] {
    [
      "method": .scalar(.anyCase(methods)), "url": .scalar(.address), "headers": .environment, "body": .template,
      "json": .anything, "follow": .flag, "ca": .template,
    ]
  }

  private static let surroundings: [String: Shape] = [
    "env": .environment, "directory": .template, "input": .template, "on": on,
    "shell": .either([.text, .list(.text, atLeast: 1)]),
  ]

  private static let programs: [String: Shape] = surroundings.merging(["exec": .arguments, "run": .text]) { $1 }

  private static let actions = programs.merging([
    "http": .mapping(.http), "prometheus": .mapping(.prometheus), "manual": .either([.text, .mapping(.manual)]),
    "decide": .mapping(.decide),
    "checklist": .list(.either([.text, .mappings(by: "text", .tick, else: .check)]), atLeast: 1), "wait": .duration,
    "assert": .expression, "check": .either([.text, .mapping(.check)]), "notify": .mapping(.notice),
    "steps": .list(.mapping(.step), atLeast: 1), "runbook": .mapping(.call),
  ]) { $1 }

  // MARK: Steps

  private static let stepFields = actions.merging([
    "id": .scalar(.name), "title": .text, "description": .text, "needs": .texts, "when": .expression,
    "for-each": .expression, "max-parallel": .integer(1...1_000_000), "effect": .word(Effect.self),
    "with": .names(.anything, .any), "background": .flag, "ready": .either([.text, .mapping(.check)]),
    "dry-run": .mapping(.dryRun),
    "preconditions": .list(.mapping(.precondition)), "expect": .expression, "outputs": .names(.mapping(.output)),
    "applied": .either([.text, .mapping(.check)]), "repeatable": .flag, "verify": .checks,
    "rollback": .either([
      .word(["none"]), .list(.mapping(.undo), atLeast: 1), .mappings(by: "because", .kept, else: .undo),
    ]), "because": .text, "mended-by": .text, "approval": .mapping(.approval),
    "confirm": .either([.text, .mapping(.confirm)]),
    "retry": .mapping(.retry), "timeout": .duration,
    "on-failure": .either([.word(FailurePolicy.self), .mapping(.scopedFailure)]), "temporary": .flag,
    "keep-output": .word(["none"]),
  ]) { $1 }

  private static let undoFields = actions.merging([
    "title": .text, "when": .expression, "expect": .expression, "timeout": .duration, "retry": .mapping(.retry),
    "verify": .checks, "repeatable": .flag, "on-failure": .word(["continue"]),
  ]) { $1 }

  private static let dryRunFields = actions.merging(["append": .list(.template, atLeast: 1)]) { $1 }

  // MARK: Checks

  private static let checkFields = programs.merging([
    "http": .mapping(.probe), "prometheus": .mapping(.prometheus), "assert": .expression,
    "manual": .either([.text, .mapping(.manual)]), "check": .either([.text, .mapping(.check)]),
    "any": .list(.mapping(.innerCheck), atLeast: 1), "all": .list(.mapping(.innerCheck), atLeast: 1),
    "not": .mapping(.innerCheck), "id": .scalar(.name), "title": .text, "expect": .expression, "every": .duration,
    "within": .duration, "holds": .duration, "tolerate": .integer(0...1_000_000), "timeout": .duration,
    "outputs": .names(.mapping(.output)), "says": .template, "with": .names(.anything, .any),
  ]) { $1 }
}
