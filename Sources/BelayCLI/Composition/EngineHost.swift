import Glibc
import Journal
import Performers
import Presentation
import RunEngine
import RunbookExecutor
import RunbookParser
import TerminalText

/// Puts an engine together for a command, and takes it through a run.
struct EngineHost {
  /// Where runs are kept.
  let store: JournalStore
  /// How the run is watched and answered.
  let options: EngineOptions
  /// Secrets that were typed before the start, by name.
  var typedSecrets: [String: SecretBytes] = [:]
  /// Where the policy of the run's project stands.
  var project: PolicyMark?
  /// Shows more of a run that has been shown; called with the store still open.
  var afterwards: ((RunState) throws -> Void)?

  /// Opens a store for writing.
  static func openStore(_ options: StoreOptions) throws -> JournalStore {
    do {
      let store = try JournalStore.open(at: options.directory, access: .readWrite)
      warnOfWideModes(store)
      return store
    } catch {
      throw CommandFault(message: "\(error)", status: .fault)
    }
  }

  /// Says where others than its owner may look into a store.
  static func warnOfWideModes(_ store: JournalStore) {
    for flaw in store.wideModes { Terminal.standardError.write(TerminalText.harmless("warning: \(flaw)\n")) }
  }

  /// Begins a run of a plan and drives it to its end.
  ///
  /// - Parameter signing: The key that proves who starts it, where somebody wants to know.
  func begin(_ plan: RunPlan, mode: RunMode, signing: SigningOptions) throws -> ExitStatus {
    try drive(requestedRollback: false, isDryRun: mode == .dryRun) {
      try $0.begin(plan, operatorName: Self.operatorName, mode: mode, project: project) {
        try Approvals.prove($0, plan, signing)
      }
    }
  }

  /// Goes on with a run, or undoes it.
  func takeOver(_ run: String, purpose: EngineStart.Purpose, allowOvertaken: Bool = false) throws -> ExitStatus {
    try drive(requestedRollback: purpose == .rollback) {
      try $0.takeOver(run, purpose: purpose, allowOvertaken: allowOvertaken)
    }
  }

  private func drive(
    requestedRollback: Bool, isDryRun: Bool = false, _ work: (RunSession) throws -> SessionEnd
  ) throws -> ExitStatus {
    ProcessSupervisor.keepMemoryPrivate()
    SignalWatcher.block()
    ProcessSupervisor.raiseDescriptorLimit()
    let inbox = Inbox()
    let attended = Terminal.isAttended
    let people: any People =
      attended
      ? TerminalPeople(name: Self.operatorName, confirmsSteps: options.yes) : NobodyThere(confirmsSteps: options.yes)
    let menu = InterruptMenu()
    let signals = SignalWatcher(inbox: inbox, people: people as? TerminalPeople, menu: menu)
    signals.start()
    let watcher: any RunObserver =
      options.json
      ? JSONWatcher()
      : TextWatcher(
        quiet: options.quiet, colour: Terminal.standardOutput.wantsColour, showsQuestions: !attended,
        isDryRun: isDryRun)
    let typed = typedSecrets
    let session = RunSession(
      SessionEnvironment(
        store: store,
        makePerformer: { [store] run, claim, _ in
          WorldPerformer(
            run: run, store: store, claim: claim, people: people,
            approvals: ApprovalDesk(
              run: run.id, store: store, count: Approvals.count(run, store), clock: SystemClock(),
              report: { Terminal.standardError.write("! \(RunWords.marked($0))\n") }),
            environment: ProcessEnvironment.variables,
            promptSecret: { typed[$0] ?? (attended ? InputPrompt.askSecret($0) : nil) })
        },
        observers: [watcher, menu], clock: SystemClock(), inbox: inbox, attended: attended,
        endSurvivors: { run, notes in RunSurvivors.end(of: run, notes: notes) },
        readZone: { ZoneFiles.system.file(of: $0) }))
    // A prompt on a thread of its own may be open when the engine ends.
    defer { SilencedTerminal.restore() }
    let result = try translating { try work(session) }
    if let state = result.state { (watcher as? TextWatcher)?.finish(state, result.mode) }
    switch result.end {
    case .journalFailed(let reason): Terminal.standardError.write("error: \(reason)\n")
    case .superseded: Terminal.standardError.write("error: another engine took the run over\n")
    case .fault(let reason): Terminal.standardError.write("fault: \(reason)\n")
    case .ended, .paused: break
    }
    if let state = result.state, let afterwards { try translating { try afterwards(state) } }
    store.close()
    return ExitStatus.status(
      for: result.end, of: result.mode, state: result.state, requestedRollback: requestedRollback)
  }

  /// Gives a run up; nothing may drive it. Nil where its records cannot be read.
  func abandon(_ run: String, reason: String) throws -> RunState? {
    let session = RunSession(
      SessionEnvironment(
        store: store, makePerformer: { _, _, _ in preconditionFailure("an abandoned run performs nothing") },
        observers: [], clock: SystemClock(), inbox: Inbox(), attended: Terminal.isAttended,
        endSurvivors: { run, notes in RunSurvivors.end(of: run, notes: notes) }))
    return try translating { try session.abandon(run, reason: reason, by: Self.operatorName) }
  }

  /// Does something, with its errors turned into messages and exit statuses.
  private func translating<Result>(_ work: () throws -> Result) throws -> Result {
    do {
      return try work()
    } catch let error as JournalError {
      throw fault(error)
    } catch let error as SessionError {
      throw Self.fault(error)
    } catch let error as StoredRunError {
      let isMissing = if case .missing = error { true } else { false }
      throw CommandFault(message: error.description, status: isMissing ? .usage : .fault)
    }
  }

  private func fault(_ error: JournalError) -> CommandFault {
    if let busy = error.busyMessage { return CommandFault(message: busy, status: .unmet) }
    return CommandFault(message: "\(error)", status: .fault)
  }

  private static func fault(_ error: SessionError) -> CommandFault {
    switch error {
    case .over(let outcome):
      CommandFault(
        message: "the run is over (\(outcome.rawValue)); `belay rollback` undoes what it left", status: .usage)
    case .overtaken(let by):
      CommandFault(
        message: "run \(by) came later, shares the runbook or a lock, and made changes; "
          + "add --over-later-runs to undo this one all the same", status: .unmet)
    case .laterRunUnreadable(let run):
      CommandFault(
        message: "run \(run) came later, and cannot be read, so that nobody knows whether it made changes; "
          + "add --over-later-runs to undo this one all the same", status: .unmet)
    case .mayNotStart(let reason): CommandFault(message: "the run was not started: \(reason)", status: .denied)
    case .secretUnreadable(let reason):
      CommandFault(
        message: "nothing was done, and the run stays as it is: a secret that it used could be printed, and cannot be "
          + "read now to be kept out of the log: \(reason)", status: .interrupted)
    }
  }

  /// The login name that runs and answers are recorded under.
  static var operatorName: String {
    if let entry = getpwuid(getuid()), let name = entry.pointee.pw_name { return String(cString: name) }
    return String(getuid())
  }
}
