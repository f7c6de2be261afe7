import Glibc
import Journal
import RunEngine
import RunbookExecutor
import Synchronization

/// Performs a run's effects really: programs, requests, people.
package final class WorldPerformer: Performer {
  /// How long a program has from TERM to KILL, in milliseconds.
  static let grace: Int64 = 5_000

  private let run: RunStart
  private let store: JournalStore
  private let claim: EngineClaim
  private let people: any People
  private let approvals: ApprovalDesk?
  let supervisor = ProcessSupervisor()
  private let exchange = HTTPExchange()
  private let redactor = Redactor()
  private let secrets: SecretStore
  let inherited: EnvironmentBlock
  private let inbox = Mutex<Inbox?>(nil)
  private let flights = Mutex(Flights())
  /// Whose output is not kept.
  private let unkept = Mutex<Set<EffectID>>([])
  private let mostPrograms = ProcessSupervisor.mostPrograms

  /// - Parameters:
  ///   - environment: The engine's own variables; children inherit them without those that secrets come from.
  ///   - promptSecret: Asks a person for a secret; nil where nobody is there.
  package init(
    run: RunStart, store: JournalStore, claim: EngineClaim, people: any People, approvals: ApprovalDesk? = nil,
    environment: [(String, String)], promptSecret: @escaping @Sendable (String) -> SecretBytes?
  ) {
    self.run = run
    self.store = store
    self.claim = claim
    self.people = people
    self.approvals = approvals
    let reader = WorldSecretReader(
      supervisor: supervisor, environment: EnvironmentBlock(environment), prompt: promptSecret)
    secrets = SecretStore(run.plan, reader: reader, redactor: redactor)
    let hidden = secrets.environmentVariables
    inherited = EnvironmentBlock(environment.filter { !hidden.contains($0.0) && $0.0 != "BELAY_EFFECT" })
    supervisor.whenRoomIsMade { [weak self] in self?.startWaiting() }
  }

  package func attach(_ inbox: Inbox) {
    self.inbox.withLock { $0 = inbox }
    inbox.wait(at: supervisor)
    people.attach { inbox.put($0) }
    approvals?.attach { inbox.put($0) }
  }

  package func readSecrets(_ names: [String]) throws(SecretError) {
    for name in names { _ = try secrets.value(of: name) }
  }

  package func start(_ request: StartRequest) {
    if !request.keepsOutput { unkept.withLock { _ = $0.insert(request.id) } }
    perform(request.id, request.action)
  }

  package func probe(_ request: ProbeRequest) { perform(request.id, request.action) }

  package func stop(_ id: EffectID) {
    let (isOver, flight) = flights.withLock { ($0.stop(id), $0[id]) }
    if isOver { put(.actionEnded(id, ActionEnd(.cancelled))) }
    switch flight {
    case .program, .far, .tunnel: end(flight)
    case .exchange(let task): task.cancel()
    case .preparing, .starting, .waiting, nil: break
    }
  }

  private func end(_ flight: Flights.Flight?) {
    switch flight {
    case .program(let process), .tunnel(let process, _): supervisor.stop(process, grace: Self.grace)
    case .far(let process, let observer):
      observer.willStop()
      supervisor.stop(process, grace: Self.grace + Self.travel)
    case .exchange, .preparing, .starting, .waiting, nil: break
    }
  }

  package func startNothingMore() {
    for id in flights.withLock({ $0.stopUnstarted() }) { put(.actionEnded(id, ActionEnd(.cancelled))) }
  }

  package func ask(_ id: EffectID, _ question: Question) {
    guard case .approval = question.kind else { return people.ask(id, question) }
    if let approvals { approvals.open(id) } else { put(.unanswerable(id)) }
  }

  package func close(_ id: EffectID) {
    if let approvals { approvals.close(id) } else { put(.unanswerable(id)) }
  }

  package func verify(_ id: EffectID, gate: EffectID, _ votes: [Vote]) {
    if let approvals { approvals.verify(id, gate: gate, votes) } else { put(.unanswerable(id)) }
  }

  package func withdraw(_ id: EffectID) {
    approvals?.withdraw(id)
    people.withdraw(id)
  }

  package func delay(of timer: TimerID, after milliseconds: Int64) -> Int64? { milliseconds }

  package func shutDown() {
    people.shutDown()
    approvals?.shutDown()
    supervisor.shutdown()
    exchange.shutDown()
    claim.release()
  }

  // MARK: Starting

  func put(_ event: RunEvent, outputs: [SmallOutput] = [], lost: String? = nil) {
    inbox.withLock { $0 }?.put(event, outputs: outputs, lost: lost)
  }

  private func perform(_ id: EffectID, _ action: ResolvedAction) {
    let isReady = action.secretNames.allSatisfy { secrets.isKnown($0) }
    if isReady, case .program = action { return flights.withLock { $0.prepare(id, pending: action) } }
    prepare(id)
    if isReady { return begin(id, action) }
    // A secret's source may take its time: a program, a person, a slow disk.
    onThread(for: id) { $0.begin(id, action) }
  }

  /// Does something for an effect on a thread of its own.
  func onThread(for id: EffectID, _ work: @escaping @Sendable (WorldPerformer) -> Void) {
    let hasThread = DedicatedThread.start { work(self) }
    if !hasThread { refuse(id, "the system allows no more threads") }
  }

  package var pendingStarts: Int { flights.withLock { $0.pendingCount } }

  package func startPending(stays: Bool) {
    guard let (id, action) = flights.withLock({ $0.nextPending() }) else { return }
    begin(id, action, stays: stays)
  }

  func begin(_ id: EffectID, _ action: ResolvedAction, stays: Bool = false) {
    do throws(SecretError) {
      switch action {
      case .program(let program):
        if let place = program.place { try begin(id, program, on: place) } else { try begin(id, program, stays: stays) }
      case .http(let call): try begin(id, call)
      case .ask, .wait, .inner: refuse(id, "this is not done by a performer")
      }
    } catch {
      refuse(id, error.description)
    }
  }

  /// Starts what waited until programs had ended, as far as there is room.
  private func startWaiting() {
    flights.withLock { $0.roomIsMade() }
    while let (id, start) = flights.withLock({ $0.next() }) {
      start()
      if flights.withLock({ $0.isWaiting(id) }) { return }
    }
  }

  func refuse(_ id: EffectID, _ message: String) {
    flights.withLock { $0.end(id) }
    put(.actionRefused(id, redactor.redact(message)))
  }

  private func begin(_ id: EffectID, _ program: ResolvedProgram, stays: Bool) throws(SecretError) {
    var additions: [EnvironmentVariable] = []
    additions.reserveCapacity(program.environment.count + 1)
    for variable in program.environment {
      guard let value = try bytes(variable.value) else { continue }
      additions.append(EnvironmentVariable(variable.name, String(decoding: value, as: UTF8.self)))
    }
    additions.append(effectVariable(id))
    let request = ProcessRequest(
      argv: program.arguments, environment: inherited, additions: additions, directory: program.directory,
      input: try optionalBytes(program.input))
    let observer = ProgramObserver(
      output: capture(id), errors: capture(id), started: { [self] in noteStart(id, $0) },
      ended: { [self] in finish(id, $0, $1, lost: $2) })
    launch(
      id, request, observer, stays: stays, again: { [self] in begin(id, .program(program)) }, { .program($0) })
  }

  func effectVariable(_ id: EffectID) -> EnvironmentVariable { EnvironmentVariable("BELAY_EFFECT", "\(run.id)/\(id)") }

  /// Notes a start for the engine that comes after a kill, and tells of it.
  func noteStart(_ id: EffectID, _ identity: ProcessIdentity) {
    claim.note("\(id) \(identity.pid) \(identity.startTime) \(identity.bootID)")
    let mark = ProcessMark(pid: identity.pid, startTime: identity.startTime, bootID: identity.bootID)
    inbox.withLock { $0 }?.put(InboxItem(.started(id, mark, since: SystemClock().steady())), wakes: false)
  }

  func finish(_ id: EffectID, _ end: ActionEnd, _ outputs: [SmallOutput], lost: String?) {
    flights.withLock { $0.end(id) }
    put(.actionEnded(id, end), outputs: outputs, lost: lost)
  }

  /// The end of something whose own words are part of the reason.
  func redacted(_ end: ActionEnd) -> ActionEnd {
    guard case .unanswered(let reason) = end.ending else { return end }
    var end = end
    end.ending = .unanswered(redactor.redact(reason))
    return end
  }

  /// Something is to be started.
  func prepare(_ id: EffectID) { flights.withLock { $0.prepare(id) } }

  /// What has ended is to be started once more, in another way; false where it was told to end.
  func restartUnlessStopped(_ id: EffectID) -> Bool {
    flights.withLock { flights in
      if case .tunnel(_, stopped: true)? = flights[id] { return false }
      flights.end(id)
      flights.prepare(id)
      return true
    }
  }

  /// What was in flight is to be started once more, in another way.
  func restart(_ id: EffectID) {
    flights.withLock { flights in
      flights.end(id)
      flights.prepare(id)
    }
  }

  /// Starts a program, or the client of one that runs elsewhere, unless it was stopped meanwhile or must wait for room.
  ///
  /// - Parameter again: Starts it where it had to wait.
  func launch(
    _ id: EffectID, _ request: ProcessRequest, _ observer: any ProcessObserver, stays: Bool = false,
    again: @escaping Flights.Start, _ flight: (RunningProcess) -> Flights.Flight
  ) {
    guard mayStart(id), !flights.withLock({ $0.waitIfFull(id, atMost: mostPrograms, again) }) else { return }
    do throws(SpawnError) {
      try supervisor.start(request, observer: observer, stays: stays) { process in
        let started = flight(process)
        let isStopped = flights.withLock { $0.begin(id, started) }
        if isStopped { end(started) }
      }
    } catch {
      if case .exhausted = error, flights.withLock({ $0.wait(id, again) }) { return }
      // It ran for a moment: nobody may take it for never started.
      guard error.neverStarted else { return finish(id, Self.killedUnwatched(error), [], lost: nil) }
      refuse(id, error.message)
    }
  }

  private static func killedUnwatched(_ error: SpawnError) -> ActionEnd {
    ActionEnd(
      .signalled(signal: Int(SIGKILL), stdout: CapturedOutput(), stderr: CapturedOutput()), notes: [error.message])
  }

  private func begin(_ id: EffectID, _ call: ResolvedHTTPCall) throws(SecretError) {
    var headers: [(name: String, value: String)] = []
    for header in call.headers {
      guard let value = try bytes(header.value) else { continue }
      headers.append((header.name, String(decoding: value, as: UTF8.self)))
    }
    let spec = HTTPRequestSpec(
      method: call.method, url: call.url, headers: headers, body: try optionalBytes(call.body),
      followsRedirects: call.follow, caFile: call.ca?.isEmpty == true ? nil : call.ca, timeout: nil)
    let observer = ExchangeObserver(
      body: capture(id), redactor: redactor,
      ended: { [self] end, outputs, lost in
        flights.withLock { $0.end(id) }
        put(.actionEnded(id, end), outputs: outputs, lost: lost)
        startWaiting()
      })
    guard mayStart(id) else { return }
    let task = exchange.start(spec, observer: observer)
    let isStopped = flights.withLock { $0.begin(id, .exchange(task)) }
    if isStopped { task.cancel() }
  }

  /// Whether nobody stopped it while its secrets were read; its end is sent if somebody did.
  private func mayStart(_ id: EffectID) -> Bool {
    let mayStart = flights.withLock { $0.start(id) }
    if !mayStart { put(.actionEnded(id, ActionEnd(.cancelled))) }
    return mayStart
  }

  func capture(_ id: EffectID) -> OutputCapture {
    let keeps = unkept.withLock { !$0.contains(id) }
    return OutputCapture(redactor: redactor) { [store] in store.outputWriter(keeps: keeps) }
  }

  /// The bytes of a text, a copy that goes to what uses it; nil for an optional secret that is not there.
  func bytes(_ text: ResolvedText) throws(SecretError) -> [UInt8]? {
    switch text {
    case .text(let text): Array(text.utf8)
    case .secret(let name): try secrets.value(of: name)?.withUnsafeBytes { Array($0) }
    }
  }

  func optionalBytes(_ text: ResolvedText?) throws(SecretError) -> [UInt8]? {
    guard let text else { return nil }
    return try bytes(text)
  }
}
