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
    /// How often in a row it could not be read.
    var failures = 0
  }

  /// How often the store is asked while a gate is open, in milliseconds.
  private static let interval: Int64 = 200
  /// How often in a row what was said may be unreadable before the run pauses.
  private static let patience = 50
  /// How often a verification is tried.
  private static let verificationAttempts = 10

  private let run: String
  private let store: JournalStore
  private let count: BallotCount
  private let clock: any Clock
  private let report: @Sendable (String) -> Void
  private let monitor = Monitor()
  private var requests: [Request] = []
  private var open: [EffectID: Watched] = [:]
  private var withdrawn: Set<EffectID> = []
  private var answer: (@Sendable (RunEvent) -> Void)?
  private var isRunning = false
  private var isShutDown = false

  /// - Parameter report: Is told, for people, why it gives up to read what was said.
  package init(
    run: String, store: JournalStore, count: BallotCount, clock: any Clock,
    report: @escaping @Sendable (String) -> Void = { _ in }
  ) {
    self.run = run
    self.store = store
    self.count = count
    self.clock = clock
    self.report = report
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

  /// Nothing is wanted any more. What is being verified comes to its end unheard, and is waited for: it has a program and
  /// files of its own.
  package func shutDown() {
    monitor.lock()
    defer { monitor.unlock() }
    isShutDown = true
    monitor.signal()
    while isRunning { monitor.wait() }
  }

  // MARK: The desk's thread

  private func put(_ request: Request) {
    monitor.lock()
    defer { monitor.unlock() }
    requests.append(request)
    if case .open(let id) = request { withdrawn.remove(id) }
    if !isRunning, !isShutDown {
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
        // What was recorded in time counts, also where it cannot be read at once.
        var attempt = 1
        var problem = hear(id)
        while problem != nil, attempt < Self.verificationAttempts, pauses() {
          attempt += 1
          problem = hear(id)
        }
        giveUp(id, problem)
      case .verify(let id, let gate, let votes)?: verifyNow(id, gate, votes)
      case nil: break
      }
      for id in watched() { _ = hear(id) }
    }
    monitor.lock()
    isRunning = false
    monitor.unlock()
    monitor.signal()
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

  /// Reads what was said about a gate since it was read last, and sends what counts; why not all of it could be read, else
  /// nil.
  private func hear(_ id: EffectID) -> String? {
    monitor.lock()
    let gate = open[id]
    monitor.unlock()
    guard let gate else { return nil }
    let records: [StoredRecord]
    do {
      records = try store.records(ofRun: run, after: gate.read)
    } catch {
      return fail(id, "\(error)")
    }
    var read = gate.read
    var problem: String?
    for stored in records {
      guard let (ballot, time) = Ballot.read(stored, at: gate.description) else {
        read = stored.seq
        continue
      }
      switch count.read(ballot, for: gate.description, at: time) {
      case .vote(let person, let identity, let statement):
        send(.answered(id, .vote(Vote(stored, person, identity, statement, time)), by: person, evidence: .observed))
      case .void(let reason):
        send(.voteRefused(id, VoidVote(record: stored.seq, reason: reason), by: ballot.login))
      case .unable(let reason): problem = reason
      }
      // What cannot be told now is read again, and what stands behind it too: an engine hears votes in their order.
      guard problem == nil else { break }
      read = stored.seq
    }
    monitor.lock()
    open[id]?.read = read
    if problem == nil { open[id]?.failures = 0 }
    monitor.unlock()
    return problem.map { fail(id, $0) }
  }

  /// What was said about a gate cannot be read now. Where that goes on the run pauses rather than wait unheard.
  private func fail(_ id: EffectID, _ problem: String) -> String {
    monitor.lock()
    open[id]?.failures += 1
    let failures = open[id]?.failures ?? 0
    if failures >= Self.patience { open[id] = nil }
    monitor.unlock()
    if failures >= Self.patience { giveUp(id, problem) }
    return problem
  }

  /// Nobody is waited for any more.
  private func giveUp(_ id: EffectID, _ problem: String?) {
    if let problem { report("what was said about the approval is not counted: \(problem)") }
    send(.unanswerable(id))
  }

  /// Verifies votes once more, and looks for denials among all that was said. Nobody is asked again where it cannot be done.
  private func verifyNow(_ id: EffectID, _ gate: EffectID, _ votes: [Vote]) {
    var problem: String?
    for attempt in 1...Self.verificationAttempts {
      do throws(Unverified) {
        let (void, denials) = try verified(gate, votes)
        return send(.votesVerified(id, void: void, denials: denials))
      } catch {
        problem = error.reason
      }
      guard attempt < Self.verificationAttempts, pauses() else { break }
    }
    giveUp(id, problem)
  }

  /// Waits a moment; false where nothing is wanted any more.
  private func pauses() -> Bool {
    monitor.lock()
    defer { monitor.unlock() }
    let until = MonotonicTime(in: Self.interval)
    while !isShutDown { if !monitor.wait(until: until) { return true } }
    return false
  }

  private struct Unverified: Error {
    let reason: String
  }

  /// Which votes are void now, and who has denied the gate.
  private func verified(
    _ gate: EffectID, _ votes: [Vote]
  ) throws(Unverified) -> (void: [VoidVote], denials: [Vote]) {
    let description: GateDescription
    let records: [StoredRecord]
    do {
      guard let watched = try watch(gate) else { throw Unverified(reason: "the gate is not open") }
      description = watched.description
      records = try store.records(ofRun: run)
    } catch {
      throw error as? Unverified ?? Unverified(reason: "\(error)")
    }
    var void: [VoidVote] = []
    var denials: [Vote] = []
    var open = Dictionary(votes.map { ($0.record, $0) }) { first, _ in first }
    let now = clock.wall()
    for stored in records {
      guard let (ballot, time) = Ballot.read(stored, at: description) else { continue }
      let counted = open.removeValue(forKey: stored.seq)
      // One that was heard must be good still; a denial, when it was recorded.
      switch (count.read(ballot, for: description, at: counted == nil ? time : now), counted) {
      case (.unable(let reason), _): throw Unverified(reason: reason)
      case (.vote(let person, let identity, let statement), nil):
        if !statement.approves { denials.append(Vote(stored, person, identity, statement, time)) }
      case (.void, nil): break
      case (.vote(let person, let identity, _), let counted?):
        if person != counted.person || identity != counted.identity {
          void.append(VoidVote(record: counted.record, reason: "it is now known as that of \(person)"))
        }
      case (.void(let reason), let counted?): void.append(VoidVote(record: counted.record, reason: reason))
      }
    }
    for vote in votes where open[vote.record] != nil {
      void.append(VoidVote(record: vote.record, reason: "its record is not there"))
    }
    return (void, denials)
  }
}
