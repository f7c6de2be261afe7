import Journal
import RunEngine

/// Hears what people say about the gates of a run, and verifies it.
///
/// Calls return at once; all work is done on a thread of the desk's own.
package final class ApprovalDesk: @unchecked Sendable {
  private enum Request {
    case open(EffectID)
    case close(EffectID)
    case verify(EffectID, gate: EffectID, [Vote])
  }

  /// A gate while it is open.
  private struct Watched {
    let description: GateDescription
    /// The last record that was read.
    var read: Int64
  }

  /// How often the store is asked while a gate is open, in milliseconds.
  private static let interval: Int64 = 200

  private let run: String
  private let store: JournalStore
  private let count: BallotCount
  private let clock: any Clock
  private let monitor = Monitor()
  private var requests: [Request] = []
  private var open: [EffectID: Watched] = [:]
  private var withdrawn: Set<EffectID> = []
  private var answer: (@Sendable (RunEvent) -> Void)?
  private var isRunning = false
  private var isShutDown = false

  package init(run: String, store: JournalStore, count: BallotCount, clock: any Clock) {
    self.run = run
    self.store = store
    self.count = count
    self.clock = clock
  }

  /// Where what was heard goes; set once, before the first gate.
  package func attach(_ answer: @escaping @Sendable (RunEvent) -> Void) { self.answer = answer }

  /// A gate is open.
  package func open(_ id: EffectID) { put(.open(id)) }

  /// The time of a gate is over: what was recorded before is sent, and then that there is nobody.
  package func close(_ id: EffectID) { put(.close(id)) }

  /// Verifies once more what was said about a gate.
  package func verify(_ id: EffectID, gate: EffectID, _ votes: [Vote]) { put(.verify(id, gate: gate, votes)) }

  /// A gate is not open any more.
  package func withdraw(_ id: EffectID) {
    monitor.lock()
    defer { monitor.unlock() }
    open[id] = nil
    withdrawn.insert(id)
  }

  /// Nothing is wanted any more; what is being verified comes to its end unheard.
  package func shutDown() {
    monitor.lock()
    isShutDown = true
    monitor.unlock()
    monitor.signal()
  }

  // MARK: The desk's thread

  private func put(_ request: Request) {
    monitor.lock()
    defer { monitor.unlock() }
    requests.append(request)
    if case .open(let id) = request { withdrawn.remove(id) }
    if !isRunning {
      isRunning = true
      DedicatedThread.start { self.work() }
    }
    monitor.signal()
  }

  private func work() {
    while let request = next() {
      switch request {
      case .open(let id)?: begin(id)
      case .close(let id)?:
        hear(id)
        send(.unanswerable(id))
      case .verify(let id, let gate, let votes)?: verifyNow(id, gate, votes)
      case nil: break
      }
      for id in watched() { hear(id) }
    }
  }

  /// What is to be done next, nil within where it is only time to look; nil where nothing is any more.
  private func next() -> Request?? {
    monitor.lock()
    defer { monitor.unlock() }
    let until = MonotonicTime(in: Self.interval)
    while !isShutDown {
      if !requests.isEmpty { return .some(requests.removeFirst()) }
      if open.isEmpty {
        monitor.wait()
      } else if !monitor.wait(until: until) {
        return .some(nil)
      }
    }
    return nil
  }

  private func watched() -> [EffectID] {
    monitor.lock()
    defer { monitor.unlock() }
    return open.keys.sorted { $0.description < $1.description }
  }

  private func send(_ event: RunEvent) {
    monitor.lock()
    let isWanted = !isShutDown
    monitor.unlock()
    if isWanted { answer?(event) }
  }

  /// The gate as the journal tells it, which is what people are shown.
  private func watch(_ id: EffectID) throws -> Watched? {
    let state = try StoredRun(run, in: store).state
    guard let step = id.step, let gate = state.gate(of: step), gate.id == id else { return nil }
    return Watched(description: GateDescription(gate, of: step, in: state), read: gate.heard)
  }

  private func begin(_ id: EffectID) {
    guard let watched = try? watch(id) else { return send(.unanswerable(id)) }
    monitor.lock()
    if !withdrawn.contains(id) { open[id] = watched }
    monitor.unlock()
  }

  /// Reads what was said about a gate since it was read last, and sends what counts.
  private func hear(_ id: EffectID) {
    monitor.lock()
    let gate = open[id]
    monitor.unlock()
    guard let gate, let records = try? store.records(ofRun: run, after: gate.read) else { return }
    for stored in records {
      guard let record = try? stored.parsed().content, let ballot = Ballot(record),
        ApprovalStatement(ballot.statement)?.gate.gate == gate.description.gate || record.step == gate.description.step
      else { continue }
      switch count.read(ballot, for: gate.description, at: record.timestamp) {
      case .vote(let person, let identity, let statement):
        let vote = Vote(
          record: stored.seq, person: person, identity: identity, approves: statement.approves,
          reason: statement.reason, time: record.timestamp)
        send(.answered(id, .vote(vote), by: person, evidence: .observed))
      case .void(let reason):
        send(.voteRefused(id, VoidVote(record: stored.seq, reason: reason), by: ballot.login))
      }
    }
    guard let last = records.last?.seq else { return }
    monitor.lock()
    open[id]?.read = last
    monitor.unlock()
  }

  private func verifyNow(_ id: EffectID, _ gate: EffectID, _ votes: [Vote]) {
    let description = (try? watch(gate))?.description
    let records = (try? store.records(ofRun: run)) ?? []
    var void: [VoidVote] = []
    for vote in votes {
      guard let description, let stored = records.first(where: { $0.seq == vote.record }),
        let record = try? stored.parsed().content, let ballot = Ballot(record)
      else {
        void.append(VoidVote(record: vote.record, reason: "its record cannot be read"))
        continue
      }
      switch count.read(ballot, for: description, at: clock.wall()) {
      case .vote(vote.person, vote.identity, _): break
      case .vote(let person, _, _):
        void.append(VoidVote(record: vote.record, reason: "it is now known as that of \(person)"))
      case .void(let reason): void.append(VoidVote(record: vote.record, reason: reason))
      }
    }
    send(.votesVerified(id, void: void))
  }
}
