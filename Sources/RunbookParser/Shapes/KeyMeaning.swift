/// What each key means, in one sentence: what an editor shows beside it.
///
/// It says what the key does, then units, and what holds where the key is not there.
enum KeyMeaning {
  /// The meaning of a key; nil where the language has no such key.
  static func of(_ key: String, in kind: MappingKind) -> String? {
    if let own = files[kind]?[key] ?? parts[kind]?[key] ?? rehearsals[kind]?[key] { return own }
    for group in groups[kind] ?? [] { if let meaning = group[key] { return meaning } }
    return nil
  }

  /// The keys that kinds of mappings have in common.
  private static let groups: [MappingKind: [[String: String]]] = [
    .input: [types], .value: [types], .output: [types], .field: [types], .step: [actions, programs],
    .undo: [actions, programs], .dryRun: [actions, programs], .check: [checks, programs],
    .namedCheck: [checks, programs],
    .innerCheck: [checks, programs], .precondition: [checks, programs], .runPrecondition: [checks, programs],
    .http: [request], .probe: [request], .prometheus: [query], .prometheusDefaults: [query], .defaults: [fallbacks],
    .projectDefaults: [fallbacks], .startRule: [concerned], .approvalRule: [concerned], .freeze: [concerned],
    .exception: [concerned],
  ]

  // MARK: What several kinds have

  private static let types = [
    "type":
      "The type of the value: string, int, number, bool, duration, size, timestamp, enum, list, map, record, json, or secret for an input.",
    "of": "Of a list or a map: the type of what is in it; any JSON where it is not said.",
    "fields": "Of a record: its fields by name, each with a type.",
    "values": "Of an enum: the words that it may be.",
    "pattern": "Of a string: a regular expression that the whole value matches.",
    "min": "Of an int, number, duration or size: the least value that is allowed.",
    "max": "Of an int, number, duration or size: the greatest value that is allowed.",
    "description": "For people: what it is for.",
  ]

  private static let actions = [
    "exec": "Starts a program without a shell: the program and its arguments, each word as it stands.",
    "run": "Has a shell read a script; values come to it through `env`.",
    "http": "Sends a request.",
    "prometheus": "Asks Prometheus an instant query; it needs `expect`.",
    "check": "Asks a check, by its name or as it stands, and waits for it.",
    "manual": "Shows a person what to do, and may ask for values.",
    "decide": "Chooses one of several ways: the first whose `when` is true, else a person's choice.",
    "checklist": "Goes through a list of things that people tick or checks answer, side by side.",
    "wait": "Lets so much time pass, such as 30s.",
    "notify": "Tells people something over a channel; up to three attempts of 30 seconds where nothing else is said.",
    "assert": "An expression that must be true; nothing is done.",
    "steps": "A group of steps that share its `when`, `for-each`, `on`, `env` and `on-failure`.",
    "runbook": "Runs another runbook of the project as one step.",
  ]

  private static let programs = [
    "shell":
      "The program that reads a script of `run`, or a list of it and what comes before the script; bash -euo pipefail where it is not said.",
    "on": "Where programs run: local (the default), {ssh: user@host} or {pod: NAME}.",
    "env": "Variables of the programs, by name; secrets may stand here as a whole.",
    "directory": "The directory in which the program runs.",
    "input": "A text for the program's standard input.",
  ]

  private static let checks = [
    "id": "A name for addresses; a check that has none is numbered from 0.",
    "title": "A line for people: what is asked.",
    "exec": "Asks a program, started without a shell; it holds on exit status 0 unless `expect` says otherwise.",
    "run": "Asks a script; it holds on exit status 0 unless `expect` says otherwise.",
    "http":
      "Sends a request that changes nothing; it holds on a status from 200 to 299 unless `expect` says otherwise.",
    "prometheus": "Asks Prometheus an instant query; it needs `expect`.",
    "assert": "An expression that must be true.",
    "manual": "Asks a person.",
    "check": "A named check, or a check as it stands.",
    "any": "Checks of which one must hold, asked in order up to the first that does.",
    "all": "Checks that must all hold, asked in order up to the first that does not.",
    "not": "A check that must not hold.",
    "with": "Beside the name of a check: the values of its parameters.",
    "expect": "An expression over `result` that must be true.",
    "every": "The pause between two attempts, such as 2s; 1s where it is not said.",
    "within": "How long the check is asked again until it holds, such as 60s; it is asked once where it is not said.",
    "holds": "How long it must go on holding once it held, such as 30s.",
    "tolerate": "How many misses are allowed while it must go on holding; none where it is not said.",
    "timeout": "The bound on one attempt, such as 10s; that of `defaults` where it is not said.",
    "outputs": "Values over `result` by name, each with a type.",
    "says": "The message where it does not hold.",
    "otherwise":
      "What follows where it does not hold: stop (the default), ask, and of a step also skip or done (the aim is reached already).",
  ]

  private static let request = [
    "method": "The method, GET where it is not said; of a check GET, HEAD, OPTIONS or POST.",
    "url": "The address, which begins with http:// or https://.",
    "headers": "Headers by name; secrets may stand here as a whole.",
    "body": "The body as a text.",
    "json": "The body as YAML that is sent as JSON, with its Content-Type.",
    "follow": "Whether redirections are followed; false where it is not said.",
    "ca": "A file of certificates that the server's is checked against; the system's where it is not said.",
  ]

  private static let query = [
    "server": "The address of the server; that of `defaults` where it is not said.",
    "query": "An instant query in PromQL.",
    "headers": "Headers of the request by name.",
    "ca": "A file of certificates that the server's is checked against; the system's where it is not said.",
  ]

  private static let fallbacks = [
    "timeout": "The bound on each attempt of an exec, run, http or prometheus that says none, such as 2m.",
    "on": "Where an exec or run happens that says nothing of it: local, {ssh: user@host} or {pod: NAME}.",
    "prometheus": "What a query of Prometheus does not say itself.",
  ]

  private static let concerned = [
    "environments": "The environments in which it holds; all where none is said.",
    "runbooks": "The runbooks, by name, that it is about.",
    "tags": "It is about the runbooks that have one of these tags.",
  ]
}
