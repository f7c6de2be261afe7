import CanonicalJSON
import Journal
import RunEngine

/// Which kind of run a journal holds. The state machine does not know it.
package enum RunMode: String, Sendable, Hashable {
  /// Everything is done really.
  case live
  /// What observes is done really, and nothing is changed.
  case dryRun = "dry-run"
}

/// Makes a run's events durable in a store.
package final class StoreJournal: RunJournal {
  private let store: JournalStore
  private let claim: EngineClaim
  private let run: String
  private let mode: RunMode
  private let digest: String
  private var taking: LockSet?

  /// - Parameters:
  ///   - claim: This engine's right to drive the run.
  ///   - taking: The locks to take with the first commit.
  package init(
    _ store: JournalStore, claim: EngineClaim, run: String, mode: RunMode, digest: String, taking: LockSet?
  ) {
    self.store = store
    self.claim = claim
    self.run = run
    self.mode = mode
    self.digest = digest
    self.taking = taking
  }

  package func commit(
    _ events: [(time: Int64, event: RunEvent)], outputs: [SmallOutput], state: RunState
  ) throws -> Int64 {
    var releasing = false
    var signing = false
    let records = events.map { time, event in
      if case .runEnded = event { releasing = true }
      if wantsCheckpoint(event, state) { signing = true }
      return record(RunEventCodec.encode(event, in: state), at: time)
    }
    return try append(records, outputs: outputs, releasing: releasing, signing: signing)
  }

  /// Whether a checkpoint is signed with the commit of an event: before what changes something, around what people are
  /// asked, and at the end of the run or of this engine's work on it.
  private func wantsCheckpoint(_ event: RunEvent, _ state: RunState) -> Bool {
    switch event {
    case .runStarted, .asked, .answered, .votesVerified, .unanswerable, .paused, .runEnded: true
    case .intended(let id, _, _):
      switch id.slot {
      case .action: mode == .live && id.step.map { state.step($0).effect != .observe } ?? true
      case .undo: mode == .live
      default: false
      }
    default: false
    }
  }

  /// Makes the records of a run's beginning durable, before there is a loop.
  package func begin(_ start: RunStart, at time: Int64, state: RunState) throws -> Int64 {
    var body = RunEventCodec.encode(.runStarted(start), in: state)
    if case .object(var members) = body.data {
      members.append(.init("mode", .string(mode.rawValue)))
      body.data = .object(members)
    }
    return try append([record(body, at: time)], outputs: [], releasing: false, signing: true)
  }

  private func record(_ body: RecordBody, at time: Int64) -> PendingRecord {
    PendingRecord(
      timestamp: time, type: body.type, step: body.step, attempt: body.attempt, actor: body.actor, plan: digest,
      data: body.data)
  }

  private func append(
    _ records: [PendingRecord], outputs: [SmallOutput], releasing: Bool, signing: Bool
  ) throws -> Int64 {
    let committed = try store.append(
      batch: records, run: run, outputs: outputs, engine: claim, taking: taking, releasing: releasing, signing: signing)
    taking = nil
    return committed.first?.seq ?? 0
  }
}
