extension MappingKind {
  /// How keys depend on each other, by kind.
  static let rulesByKind: [MappingKind: [KeyRule]] = [
    .step: stepRules,
    .undo: [
      .one(["exec", "run", "http", "manual"], outOfPlace: KeyTable.actions),
      .beside(["retry"], ["exec", "run", "http"], because: "which has no attempts"),
    ] + programRules,
    .dryRun: [.one(["append", "exec", "run", "http"], outOfPlace: KeyTable.actions)] + programRules,
    .check: checkRules, .precondition: checkRules, .runPrecondition: checkRules,
    .innerCheck: checkRules,
    .namedCheck: checkRules.filter { rule in
      if case .besideText = rule { false } else { true }
    },
    .answer: [
      .notBoth("exit", "signal"), .notBoth("exit", "status"), .notBoth("exit", "error"), .notBoth("exit", "value"),
      .notBoth("signal", "status"), .notBoth("signal", "error"), .notBoth("status", "error"),
      .notBoth("value", "samples"), .notBoth("stdout", "json"), .notBoth("body", "json"), .notBoth("stdout", "body"),
    ]
      + ["exit", "signal", "status", "error", "value", "samples", "stdout", "stderr", "body", "json"].map {
        .notBoth("holds", $0)
      },
    .saying: [.one(["approve", "deny", "confirm", "choose", "tick", "fields"])],
    .channel: [.one(["webhook", "slack", "pagerduty", "command"])],
    .secretSource: [.one(["env", "file", "command", "prompt"])],
    .place: [.one(["ssh", "pod"]), .beside(["namespace", "container", "context"], ["pod"])],
    .tunnel: [
      .one(["service", "ssh"]), .beside(["namespace", "context", "port"], ["service"]), .beside(["to"], ["ssh"]),
      .needs("service", ["port"]), .needs("ssh", ["to"]),
    ],
    .confirm: [.some(["message", "type"])],
    .approvalRule: [.some(["from", "within", "not-starter"]), .needs("count", ["from"])],
    .http: [.notBoth("body", "json")], .probe: [.notBoth("body", "json")],
    .scopedFailure: [.given("undo", ["run"], "then", .word(["stop"]))],
    .input: DeclaredType.rules(of: .input), .value: DeclaredType.rules(of: .value),
    .output: DeclaredType.rules(of: .output), .field: DeclaredType.rules(of: .field) + [.some(["type", "fields"])],
  ]

  /// What belongs to programs alone.
  private static let programRules: [KeyRule] = [
    .beside(["env", "directory", "input", "on"], ["exec", "run"], because: "which starts no program"),
    .beside(["shell"], ["run"], because: "which is given to no shell"),
  ]

  private static let stepRules: [KeyRule] =
    [
      .one(KeyTable.actions + KeyTable.blocks),
      .beside(["env", "on"], ["exec", "run", "steps"], because: "which starts no program"),
      .beside(["directory", "input"], ["exec", "run"], because: "which starts no program"),
      .beside(["shell"], ["run"], because: "which is given to no shell"),
      .besideText("with", "check"),
      .beside(
        ["expect"],
        [
          "exec", "run", "http", "prometheus", "check", "manual", "decide", "checklist", "notify", "runbook",
        ], because: "which gives no `result`"),
      .beside(["verify"], KeyTable.actions + ["runbook"]),
      .beside(
        [
          "dry-run", "applied", "repeatable", "rollback", "because", "mended-by", "retry", "timeout", "temporary",
        ], KeyTable.actions),
      .beside(
        ["timeout"],
        ["exec", "run", "http", "prometheus", "check", "manual", "decide", "checklist", "notify"] + KeyTable.blocks,
        because: "which cannot take longer than it should"),
      .beside(
        ["retry"], ["exec", "run", "http", "prometheus", "notify"] + KeyTable.blocks, because: "which has no attempts"),
      .beside(["background", "ready"], ["exec", "run"], because: "which starts no program"),
      .givenNeeds("background", ["true"], "ready"), .given("background", ["true"], "effect", .word(["observe"])),
      .given("background", [nil, "false"], "ready", nil, because: "without `background: true`"),
      .beside(["keep-output"], ["exec", "run", "http"], because: "which writes nothing"),
      .needs("max-parallel", ["for-each"]), .needs("prometheus", ["expect"]), .contract,
    ]
    + ["expect", "outputs", "retry", "timeout", "verify", "for-each"].map { key in
      .given(
        "background", ["true"], key, nil, because: "for a background program, which goes on until no step needs it")
    }

  private static let checkRules: [KeyRule] =
    [.one(KeyTable.probes)] + programRules + [
      .besideText("with", "check"),
      .beside(["expect"], ["exec", "run", "http", "prometheus", "manual"], because: "which gives no `result`"),
      .beside(
        ["timeout"], ["exec", "run", "http", "prometheus", "manual", "check"], because: "which asks nothing itself"),
      .needs("prometheus", ["expect"]), .needs("tolerate", ["holds", "check"]),
    ]
}
