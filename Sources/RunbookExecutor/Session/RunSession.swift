import Expressions
import Journal
import RunEngine
import RunbookParser

/// What an engine needs from outside to drive a run.
package struct SessionEnvironment {
  /// The store.
  package var store: JournalStore
  /// Makes the performer for a run; called once it is known to be this engine's.
  package var makePerformer: (_ run: RunStart, _ claim: EngineClaim, _ mode: RunMode) -> any Performer
  /// Who hears what happens.
  package var observers: [any RunObserver]
  /// What tells the time.
  package var clock: any Clock
  /// Where performers and signals put what happened.
  package var inbox: Inbox
  /// Whether there is a person at a terminal.
  package var attended: Bool
  /// Ends what an earlier engine left running; false where that cannot be shown.
  package var endSurvivors: (_ run: StoredRun, _ notes: [String]) -> Bool
  /// A zone's file in the machine's zone database; nil where there is no such zone.
  package var readZone: (_ name: String) -> [UInt8]?

  package init(
    store: JournalStore, makePerformer: @escaping (RunStart, EngineClaim, RunMode) -> any Performer,
    observers: [any RunObserver], clock: any Clock, inbox: Inbox, attended: Bool,
    endSurvivors: @escaping (StoredRun, [String]) -> Bool, readZone: @escaping (String) -> [UInt8]? = { _ in nil }
  ) {
    self.readZone = readZone
    self.store = store
    self.makePerformer = makePerformer
    self.observers = observers
    self.clock = clock
    self.inbox = inbox
    self.attended = attended
    self.endSurvivors = endSurvivors
  }
}

/// Why a run was not begun or taken over.
package enum SessionError: Error {
  /// The run is over already.
  case over(RunOutcome)
  /// A later run that shares the runbook or a lock made changes.
  case overtaken(by: String)
  /// A later run cannot be read, so that nobody knows whether it made changes.
  case laterRunUnreadable(String)
  /// The operator may not start it, for this reason.
  case mayNotStart(String)
  /// A secret that was used cannot be read now, so that nothing can be performed: it could be printed.
  case secretUnreadable(SecretError)
}

/// How an engine's work on a run ended, what the journal says of it, and which kind of run it is.
package typealias SessionEnd = (end: LoopEnd, state: RunState?, mode: RunMode)

/// Begins runs, and takes over those that another engine left.
package struct RunSession {
  private let environment: SessionEnvironment

  package init(_ environment: SessionEnvironment) { self.environment = environment }

  /// Begins a run and drives it to its end; the state is what the journal holds, nil where that cannot be read.
  ///
  /// - Parameters:
  ///   - project: Where the plan's policy was read, and what it was.
  ///   - prove: Signs who starts the run of this name; where nobody asks for that, it is not called.
  package func begin(
    _ plan: RunPlan, operatorName: String, mode: RunMode, project: PolicyMark? = nil,
    prove: (String) throws -> ProvenStarter? = { _ in nil }
  ) throws -> SessionEnd {
    let id = Self.newRunID()
    let starter = mode == .live ? try prove(id) : nil
    if mode == .live, let reason = RunState.refusal(ofStarting: plan, by: operatorName, starter) {
      throw SessionError.mayNotStart(reason)
    }
    let zones = plan.zones.compactMap { name in
      environment.readZone(name).map { ZoneRecord(name: name, file: $0) }
    }
    let start = RunStart(
      id: id, operatorName: operatorName, plan: plan, zones: zones, starter: starter,
      project: project)
    let claim = try environment.store.claimEngine(run: start.id)
    let now = environment.clock.wall()
    let state = RunState(start, at: now)
    let journal = StoreJournal(
      environment.store, claim: claim, run: start.id, mode: mode, digest: plan.digest,
      taking: mode == .live ? Self.locks(of: plan) : nil)
    let sequence = try journal.begin(start, at: now, state: state)
    for observer in environment.observers {
      observer.committed([CommittedEvent(sequence: sequence, time: now, event: .runStarted(start))], state: state)
    }
    let performer = performer(for: state, claim, mode)
    return drive(state, journal, mode, claim, performer, .run, survivorsPossible: false)
  }

  /// Goes on with a run, or undoes it; the state is what the journal holds, nil where that cannot be read.
  package func takeOver(
    _ run: String, purpose: EngineStart.Purpose, allowOvertaken: Bool = false
  ) throws -> SessionEnd {
    let claim = try environment.store.claimEngine(run: run)
    // Read only after the claim: no other engine can write any more.
    let stored = try StoredRun(run, in: environment.store)
    if purpose == .resume, case .ended(let outcome) = stored.state.phase { throw SessionError.over(outcome) }
    var taking: LockSet?
    if stored.state.isTerminal, stored.mode == .live {
      if !allowOvertaken, let later = try laterRun(than: stored) { throw SessionError.overtaken(by: later) }
      taking = Self.locks(of: stored.state.plan)
    }
    let performer = performer(for: stored.state, claim, stored.mode)
    do {
      // Not shut down where it fails: the claim then ends as a killed engine's does, and keeps its notes of survivors.
      try performer.readSecrets(SecretUse.names(in: stored))
    } catch {
      throw SessionError.secretUnreadable(error)
    }
    let gone = environment.endSurvivors(stored, environment.store.readNotes(run: run))
    let journal = StoreJournal(
      environment.store, claim: claim, run: run, mode: stored.mode, digest: stored.state.plan.digest, taking: taking)
    return drive(stored.state, journal, stored.mode, claim, performer, purpose, survivorsPossible: !gone)
  }

  /// Ends a run that no engine drives as aborted, with its changes left in place.
  ///
  /// What an earlier engine left running is ended first. A run whose records cannot be read is given up all the same,
  /// for its locks would be held for ever; the state is then nil.
  package func abandon(_ run: String, reason: String, by person: String) throws -> RunState? {
    let claim = try environment.store.claimEngine(run: run)
    defer { claim.release() }
    let stored: StoredRun
    do {
      stored = try StoredRun(run, in: environment.store)
    } catch let error as StoredRunError {
      guard case .damaged = error,
        let begun = try? StoredRun.beginning(of: run, in: environment.store)
      else { throw error }
      _ = environment.endSurvivors(begun, environment.store.readNotes(run: run))
      let now = environment.clock.wall()
      let failure = Failure(.operator, "\(person): \(reason)")
      let journal = StoreJournal(
        environment.store, claim: claim, run: run, mode: begun.mode, digest: begun.state.plan.digest, taking: nil)
      _ = try journal.commit(
        [
          (now, .abandoned(reason: reason, by: person)),
          (now, .runEnded(.aborted, failure, outputs: [], evidence: .observed)),
        ], outputs: [], state: begun.state)
      return nil
    }
    if case .ended(let outcome) = stored.state.phase { throw SessionError.over(outcome) }
    _ = environment.endSurvivors(stored, environment.store.readNotes(run: run))
    var state = stored.state
    var queue = [RunEvent.abandoned(reason: reason, by: person)]
    var events: [(time: Int64, event: RunEvent)] = []
    while events.count < queue.count {
      let event = queue[events.count]
      let time = max(environment.clock.wall(), state.now)
      events.append((time, event))
      for case .record(let decision) in try state.apply(event, at: time) { queue.append(decision) }
    }
    let journal = StoreJournal(
      environment.store, claim: claim, run: run, mode: stored.mode, digest: state.plan.digest, taking: nil)
    _ = try journal.commit(events, outputs: [], state: state)
    return state
  }

  private func performer(for state: RunState, _ claim: EngineClaim, _ mode: RunMode) -> any Performer {
    let real = environment.makePerformer(state.run, claim, mode)
    return mode == .dryRun ? DryRunPerformer(real) : real
  }

  private func drive(
    _ state: consuming RunState, _ journal: StoreJournal, _ mode: RunMode, _ claim: EngineClaim,
    _ performer: any Performer, _ purpose: EngineStart.Purpose, survivorsPossible: Bool
  ) -> SessionEnd {
    let run = state.run.id
    let loop = RunLoop(
      state: state, journal: journal, performer: performer, observers: environment.observers,
      clock: environment.clock, inbox: environment.inbox)
    let begin = RunEvent.engineStarted(
      EngineStart(
        epoch: claim.epoch, purpose: purpose, attended: environment.attended, survivorsPossible: survivorsPossible))
    let end = loop.run(beginningWith: [begin])
    switch end {
    // What was decided last is not in the journal: what is there counts.
    case .journalFailed, .superseded: return (end, try? StoredRun(run, in: environment.store).state, mode)
    case .ended, .paused, .fault: return (end, loop.currentState, mode)
    }
  }

  /// The locks of a run: those of its plan, and its runbook's own unless runs of it may overlap.
  static func locks(of plan: RunPlan) -> LockSet? {
    var names = plan.locks
    if !plan.concurrent { names.append("runbook/" + plan.name) }
    return names.isEmpty ? nil : LockSet(names: names.sorted(), environment: plan.environment ?? "")
  }

  /// A later run that shares the runbook or a lock and made changes.
  private func laterRun(than stored: StoredRun) throws -> String? {
    let own = Set(stored.state.plan.locks + ["runbook/" + stored.state.plan.name])
    for summary in try environment.store.runs() where summary.firstSeq > (stored.entries.first?.sequence ?? 0) {
      let other: StoredRun
      do {
        other = try StoredRun(summary.id, in: environment.store)
      } catch is StoredRunError {
        throw SessionError.laterRunUnreadable(summary.id)
      }
      guard other.mode == .live,
        other.state.plan.environment == stored.state.plan.environment,
        !own.isDisjoint(with: other.state.plan.locks + ["runbook/" + other.state.plan.name]),
        !other.state.residue.entries.isEmpty
      else { continue }
      return summary.id
    }
    return nil
  }

  /// Twelve characters of `[a-z0-9]`.
  static func newRunID() -> String {
    let letters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
    return String((0..<12).map { _ in letters[Int.random(in: 0..<letters.count)] })
  }
}
