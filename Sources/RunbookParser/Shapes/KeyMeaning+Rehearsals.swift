extension KeyMeaning {
  // MARK: Rehearsals

  /// The keys of a scenario and of what stands in one.
  static let rehearsals: [MappingKind: [String: String]] = [
    .rehearsal: [
      "rehearsal": "The version of the language, 1; the first key.",
      "runbook": "The name of the runbook that is rehearsed, one of the project's.",
      "name": "What is rehearsed, in a few words.", "inputs": "Values for inputs of the runbook, by name.",
      "environment": "The environment for which the runbook is planned.",
      "clock": "When the run begins, such as 2026-01-12T03:14:00Z; 2026-01-01T00:00:00Z where it is not said.",
      "answers": "What actions and checks come to, by address: one answer, or a list of them, attempt by attempt.",
      "people": "What people say, by address, in order; [] where nobody comes.",
      "faults": "What goes wrong besides.",
      "then":
        "What the operator does once the run is over, or its engine has stopped: resume or rollback, or several in order.",
      "expect": "What must come of it.",
    ],
    .answer: [
      "exit": "The program ends with this status, 0 to 255.", "signal": "The program is ended by this signal, 1 to 64.",
      "status": "The server answers with this status, 100 to 599; 200 where only the rest of the answer is said.",
      "headers": "Fields of the answer's head, by name.", "stdout": "What the program writes to standard output.",
      "stderr": "What the program writes to standard error.", "body": "The answer's body.",
      "json": "The output, or the body, as JSON.", "value": "Prometheus gives one sample of this value.",
      "samples": "The samples that Prometheus gives.",
      "error": "Why the program cannot be started, or no answer comes.",
      "holds": "Whether the check holds, where nothing else of it matters.",
      "outputs": "Values of the step's outputs, by name, in place of those that would be worked out.",
      "applied": "Whether the action took effect; where it is not said it did if it succeeded.",
      "takes": "How long it takes, such as 2s; 1s for an action and 100ms for a check where it is not said.",
      "until":
        "It is the answer until so much time has passed since the address was first asked; for one attempt where it is not said.",
    ],
    .sample: ["labels": "The sample's labels, by name.", "value": "The sample's value."],
    .saying: [
      "approve": "This person of the project says yes to the gate.",
      "deny": "This person of the project says no to the gate.", "confirm": "A yes (true) or a no (false).",
      "choose": "The option that is chosen, by its id.",
      "tick": "true, false or not-applicable: what is said of the item.",
      "fields": "It was done, with these values by name.", "by": "Who says it; whoever may where it is not said.",
      "reason": "Why.", "after": "How long after the question, such as 4m; 30s where it is not said.",
    ],
    .fault: [
      "at": "The address of what goes wrong.",
      "kind":
        "What goes wrong: crash-before or crash-after (the engine dies around the action), exit, timeout, verify-fails, rollback-fails or journal-full.",
    ],
    .expectation: [
      "outcome": "How the run ends, such as rolled-back, or interrupted.",
      "order": "The changes and ways back in the order in which they begin, such as [promote, undo promote].",
      "never": "Addresses of what must not begin.", "statuses": "What steps come to, by address.",
      "within": "How long it may take at most in simulated time, such as 5m.",
      "residue": "Addresses of the steps whose changes are left, those left by declaration among them.",
    ],
  ]
}
