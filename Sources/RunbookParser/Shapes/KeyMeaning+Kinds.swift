extension KeyMeaning {
  // MARK: Files

  /// The keys of whole files, and of what stands around the steps.
  static let files: [MappingKind: [String: String]] = [
    .runbook: head.merging([
      "belay": "The version of the language, 1; the first key.",
      "name": "What the runbook is called by others: small letters, digits and hyphens, at most 63.",
      "severity": "How grave things are when it is needed, such as SEV-1; for lists.",
      "related": "Other runbooks by name, or links.",
      "environments": "Where it may run; where said, --environment must name one of them.",
      "use": "Libraries whose values and checks are known here, by name.",
      "requires": "Programs that must be there, looked up before anything runs.",
      "inputs": "What a caller gives, by name, each with a type.",
      "values": "Constants by name, worked out when the run is planned; a caller cannot set them.",
      "checks": "Checks under a name, used by `check: NAME`.",
      "tunnels": "Connections on a free port of this machine that are open while the run is on, by name.",
      "objectives":
        "How soon things should work again, and how much data may be lost; `belay plan` holds the expected time against it.",
      "detached": "What a run does whose terminal is lost: pause at the next safe point (the default), or go-on.",
      "locks": "Names of locks that are held for the whole run.",
      "concurrent": "true: two runs of this runbook may go on in one environment at once; false where it is not said.",
      "env": "Variables of every program, by name.",
      "defaults": "What holds where steps say nothing.",
      "max-parallel": "How many programs and requests run at once; as many as the machine allows where it is not said.",
      "timeout":
        "The bound on the whole run while an engine lives, rollback excluded, such as 30m; none where it is not said.",
      "on-failure":
        "What a failure leads to: rollback, stop or ask; where it is not said, ask on a terminal and rollback off it.",
      "notify": "Whom the run tells of its events.",
      "preconditions": "Checks that must hold before the first step.",
      "steps": "What is done; at least one step.",
      "finally": "Steps that run last, after any rollback, however the others ended.",
      "outputs": "What the run gives to who called it, by name, once all has succeeded.",
    ]) { $1 },
    .library: head.merging([
      "library": "The version of the language, 1; the first key.", "name": "What `use` of a runbook says.",
      "values": "Constants by name.", "checks": "Checks under a name.",
    ]) { $1 },
    .project: [
      "project": "The version of the language, 1; the first key.", "name": "What the project is called, for people.",
      "inventory": "The path of the inventory, below the project's root.",
      "environments": "What is different in each environment, by name.",
      "defaults": "What holds where a runbook says nothing.", "channels": "Ways to tell people, by name.",
      "people": "Who may answer, by name.", "roles": "Roles by name, each with the people who have it.",
      "keys": "How people prove who they are.", "starts": "Rules about who may start which runs, by name.",
      "approvals": "Rules about what must be approved, by name.",
      "freezes": "Times in which nothing is changed, by name.",
    ],
    .inventory: [
      "platform": "The version of the language, 1; the first key.", "name": "What the inventory is called.",
      "title": "A line for people.", "owner": "Who answers for it.", "fields": "The facts by name, each with a type.",
      "values": "The values of those facts that are the same in all environments.",
    ],
    .requires: ["tools": "Programs by name, each with bounds on its version."],
    .tool: [
      "version": "Bounds that must all hold, such as >=14; a bare version means at least; any where nothing is said.",
      "exec": "How the program tells its version; with --version where it is not said.",
      "pattern":
        "A regular expression that finds the version in what it prints; the first thing that looks like one where it is not said.",
    ],
    .prometheusDefaults: ["server": "The address of the server."],
    .objectives: [
      "rto": "The time within which what the runbook is for should be working again, such as 5m.",
      "rpo": "How much of the latest data may be lost, as a length of time; 0s for none.",
    ],
    .tunnel: [
      "service": "What kubectl port-forward leads to: svc/NAME, deployment/NAME or a pod.",
      "ssh": "A machine that the tunnel goes through, as ssh knows it.",
      "to": "The HOST:PORT that the machine reaches.",
      "namespace": "The namespace of the service; kubectl's usual one where it is not said.",
      "context": "The context of the service's cluster; kubectl's usual one where it is not said.",
      "port": "The port of the service, by number or name.",
    ],
    .runNotice: [
      "when": "The events that are told: started, gate (a person is waited for), failed, rolling-back, ended.",
      "channel": "The project's channel that it goes over.", "message": "What is said; expressions may stand in it.",
    ],
    .environment: [
      "inputs": "Values for inputs of these names, where the caller gives none.",
      "platform": "Facts of the inventory that are others here, each as a whole.",
    ],
    .person: [
      "login": "The name that the person is logged in with; the person's own name where it is not said.",
      "principal":
        "The name under which the allowed signers list the person's keys; the person's own name where it is not said.",
    ],
    .keys: [
      "allowed-signers": "The path, below the project's root, of a file of allowed signers in OpenSSH's format.",
      "revoked": "The path of a file of public keys, one a line, that count for nothing any more.",
    ],
    .startRule: ["from": "The roles, of which whoever starts such a run has one."],
    .approvalRule: [
      "effects": "The effects of the steps that it concerns; change and irreversible where none is said.",
      "from": "The roles, of which each approver has one.",
      "count": "How many different people must approve; 1 where it is not said.",
      "within": "How long they may take at most, such as 15m; of several rules the shortest counts.",
      "not-starter": "true: who started the run is no approver, and must prove who they are.",
    ],
    .freeze: [
      "from": "When it begins, such as 2026-12-20T00:00:00Z.",
      "until": "When it is over, such as 2027-01-02T00:00:00Z.",
      "except": "The runbooks for which it does not hold.",
    ],
    .channel: [
      "webhook": "Sends a request, POST unless said otherwise; with.message is the message.",
      "slack": "Sends the message in the form that Slack's incoming webhooks take.",
      "pagerduty": "Triggers an event of PagerDuty, version 2; those of one run are one incident.",
      "command": "Starts a program with these words; the message is also its standard input.",
    ],
    .slack: ["url": "The address of the incoming webhook."],
    .pagerDuty: [
      "routing-key": "The key of the service.", "severity": "critical (the default), error, warning or info.",
      "url": "Another address than PagerDuty's own.",
    ],
  ]

  private static let head = [
    "title": "A line for people; the name where it is not said.",
    "version": "A semantic version, such as 1.2.0, to be raised with each change.", "owner": "Who answers for it.",
    "summary": "A text for people: what it is for.", "tags": "Words to find it by.",
  ]

  // MARK: Steps

  /// The keys of steps, and of what stands in them.
  static let parts: [MappingKind: [String: String]] = [
    .input: [
      "default": "The value where the caller gives none; an expression over the inputs before it may stand in it.",
      "required":
        "false: there may be no value at all, and expressions ask with has(inputs.NAME); true where it is not said.",
      "from": "Of a secret: where its value comes from.",
    ],
    .value: ["value": "An expression over inputs and the constants before it."],
    .output: ["value": "An expression: over `result` in a step or a check, over the steps in a runbook or a group."],
    .secretSource: [
      "env": "A variable of the engine; the programs that it starts do not inherit it.",
      "file": "A file, without one last line break.",
      "command": "A program and its arguments; what it prints, without one last line break.",
      "prompt": "true: a person types it, unseen.",
    ],
    .step: [
      "id": "The step's name: small letters, digits and hyphens, at most 63.", "title": "A line for people.",
      "description": "A text for people.",
      "needs":
        "The steps that come before it; the one before it in the file where it is not said, none where it is [].",
      "when": "An expression; where it is false the step is skipped.",
      "for-each":
        "An expression that gives a list: the step is done for each element, as `item`, at the place `index`.",
      "max-parallel": "How many items go on at once; 1 where it is not said.",
      "effect": "observe, change (which says how it is undone) or irreversible (a point of no return).",
      "with": "Beside `check: NAME`: the values of the check's parameters.",
      "background": "true: the program is kept running for the steps that need it; `ready` says when it may be used.",
      "ready": "The check that holds once a background program may be used; asked for 30s where it says no `within`.",
      "dry-run": "What a dry run does instead, really; a change without it is only assumed there.",
      "preconditions": "Checks that must hold before the action.",
      "expect":
        "An expression over `result`: what makes the action a success; exit status 0, or 200 to 299, where it is not said.",
      "outputs": "Values that later steps may read, by name, each with a type and an expression.",
      "applied": "A check that tells whether the action took effect; it settles doubt.",
      "repeatable":
        "true: doing it twice is as doing it once, so that it may be repeated in doubt; false where it is not said.",
      "verify": "Checks that must hold afterwards; only then the step has succeeded.",
      "rollback": "How the step is undone: an action, a list of them done in order, or none with `because`.",
      "because": "Beside `rollback: none`: why the change stays.",
      "mended-by": "Beside `rollback: none`: a runbook that mends the change.",
      "approval": "Who must approve the step before it acts.",
      "confirm": "What a person is asked before the step acts: a text to answer yes to, or a word to type.",
      "retry": "Another attempt after a failure; a change needs `applied` or `repeatable` for it.",
      "timeout": "The bound on each attempt, such as 2m; of a check and of people on all of it.",
      "on-failure":
        "What a failure leads to: rollback, stop, continue or ask, or what is undone and what then; the runbook's where it is not said.",
      "temporary": "true: the way back is also taken when all went well, before `finally`.",
      "keep-output": "none: only size and hash of what it writes are kept.",
    ],
    .undo: [
      "title": "A line for people.",
      "when": "An expression, evaluated when the rollback runs; where it is false nothing is done.",
      "repeatable": "true: safe where nothing, or half, is left to undo; `retry` needs it.",
      "expect": "An expression over `result`: what makes it a success.",
      "verify": "Checks that must hold afterwards, else the undo has failed.",
      "retry": "Another attempt after a failure.", "timeout": "The bound on each attempt, such as 2m.",
      "on-failure": "continue: if it fails, rollback goes on with what the step needs all the same.",
    ],
    .kept: ["because": "Why the change stays.", "mended-by": "A runbook that mends the change."],
    .dryRun: ["append": "More arguments for the step's own exec; stands alone."],
    .approval: [
      "from": "The roles, of which each approver has one.",
      "count": "How many different people must approve, each with a different key; 1 where it is not said.",
      "within":
        "How long they may take, such as 15m, before the step is denied; as long as they like where it is not said.",
    ],
    .confirm: ["type": "What must be typed, word for word, to go on.", "message": "What is said."],
    .retry: [
      "attempts": "How often the action is started at most, the first time included.",
      "delay": "The pause before the second attempt, such as 2s; 1s where it is not said.",
      "backoff": "What the pause is multiplied by each time, from 1 to 100; 1 where it is not said.",
      "max-delay": "The longest pause, such as 30s.",
      "when": "An expression over `result`; only where it is true there is another attempt.",
    ],
    .scopedFailure: [
      "undo": "What is undone: the failed item of a for-each, all of the step, or the whole run.",
      "then": "How the run goes on: stop (the default), continue or ask; with `undo: run` only stop.",
    ],
    .place: [
      "ssh": "A machine, reached through ssh with the user's own configuration.",
      "pod": "A pod, or what has pods (deployment/NAME), reached through kubectl exec.",
      "namespace": "The pod's namespace; kubectl's usual one where it is not said.",
      "container": "The container of the pod; kubectl's usual one where it is not said.",
      "context": "The context of the pod's cluster; kubectl's usual one where it is not said.",
    ],

    // MARK: Actions

    .namedCheck: ["with": "The check's parameters by name, each with a type; inside they are with.NAME."],
    .manual: [
      "text": "What to do.", "fields": "Values that the person types, by name, each with a type.",
      "from": "The roles whose answer counts; anybody's where it is not said.",
      "within": "How long the person has, such as 2h; as long as they like where it is not said.",
    ],
    .decide: ["question": "What is to be decided.", "options": "The ways, at least one."],
    .option: [
      "id": "The option's name: what `result.choice` is.", "title": "A line for people.",
      "when": "An expression; the first option whose `when` is true is taken.",
      "ends": "stop: the run, or the runbook that was called, ends here, well.",
    ],
    .tick: [
      "id": "A name for addresses.", "text": "What is ticked.",
      "from": "The roles that may tick it; anybody where it is not said.",
      "evidence": "true: the person types what shows it; false where it is not said.",
      "not-applicable": "true: the person may say that it does not apply; false where it is not said.",
    ],
    .notice: [
      "channel": "The project's channel that it goes over.", "message": "What is said; expressions may stand in it.",
      "required": "true: the step fails where the message cannot be delivered; false where it is not said.",
    ],
    .call: [
      "name": "The runbook of the project that is run, as it stands.",
      "inputs": "Values for its inputs, by name; a secret is given one of the caller's, whole.",
    ],
  ]
}
