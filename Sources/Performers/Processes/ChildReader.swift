import CProcessShims
import Glibc
import RunbookExecutor
import Synchronization

/// Waits for outputs and exits, and reports them: on a thread of its own, or on one that has nothing else to do.
///
/// Who waits at the poller is settled by `ReaderTurn`. What is not behind `shared` is touched `alone`.
final class ChildReader: @unchecked Sendable {
  struct Shared {
    var children: [UInt64: SupervisedChild] = [:]
    /// Children whose start has not been reported.
    var unreported: [SupervisedChild] = []
    var stops: [(id: UInt64, grace: Int64)] = []
    /// More for the input of programs whose input is held open.
    var inputs: [(id: UInt64, bytes: [UInt8])] = []
    /// Children that the poller did not take.
    var unwatchable: [UInt64] = []
    /// How many children are attended by the threads that started them.
    var attended = 0
    /// Children that nobody attends any more, and that did not end for good meanwhile.
    var outlastsStay: [SupervisedChild] = []
    /// Starts that have begun and are not yet in `children`.
    var starting = 0
    /// How often new orphans were seen.
    var orphanSightings = 0
    /// Whether the program that was seen last ran for a moment only.
    var programsAreShort = true
    var isShutDown = false
    var thread: pthread_t?
  }

  /// A process that is awaited and is not a program's first: a member of a session, or an orphan to be reaped.
  struct Watch {
    var pid: Int32
    var pidfd: Int32
    /// The child whose session it belongs to; nil for an orphan of a session of its own.
    var owner: UInt64?
  }

  /// How long descriptors that are of no use any more stay open, in milliseconds: not to be in the way of the thread
  /// that was just told of an end.
  private static let closingDelay: Int32 = 2
  /// For how long a program's outputs are not watched after its start, in milliseconds: most of what ends by then has
  /// nothing to say that its end would not bring along, and each event wakes a thread.
  static let youth: Int64 = 2
  /// Until outputs that the poller did not take are offered to it again, in milliseconds.
  private static let refusedOutputs: Int64 = 50
  /// How often what orphans left is reaped while programs run, in milliseconds.
  static let sweepInterval: Int64 = 5_000

  let patience: ProcessPatience
  let shared = Mutex(Shared())
  let poller: Int32
  let turn = ReaderTurn()
  private let state = Monitor()
  /// The thread that is `alone`; 0 where there is none.
  private let loner = Atomic<UInt>(0)
  private let wakeup: Int32
  private let nullInput: Int32
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)
  var watches: [UInt64: Watch] = [:]
  /// Orphans that are watched, by process number.
  var orphans: Set<Int32> = []
  /// Children with a deadline.
  var due: [UInt64: SupervisedChild] = [:]
  /// Whether the clock and `/proc` agree on when programs are started; nil where that was not seen yet.
  private var clockTellsStarts: Bool?
  /// Whether a program ended of which descriptors may still be open.
  var hasEnded = false
  private let roomMade: (@Sendable () -> Void)?
  private var nextSweep: Int64 = 0
  /// Children whose outputs are not watched yet.
  private var young: [SupervisedChild] = []
  /// Descriptors to be closed when the next events come.
  private var dropped: [Int32] = []

  /// - Parameter roomMade: Called on the reader thread when programs have ended and their descriptors are closed.
  init(patience: ProcessPatience, roomMade: (@Sendable () -> Void)? = nil) throws(SpawnError) {
    self.patience = patience
    self.roomMade = roomMade
    poller = belay_poller_create()
    wakeup = belay_wakeup_create()
    nullInput = belay_null_input()
    guard poller >= 0, wakeup >= 0, nullInput >= 0 else {
      throw .exhausted(reason: "no file could be opened: \(errorText(errno))")
    }
    var error = belay_poller_add(poller, wakeup, EventToken(.wakeup, of: 0).rawValue, false)
    guard error == 0 else { throw .exhausted(reason: errorText(error)) }
    error = belay_watch_children()
    switch error {
    case 0: break
    case EMFILE, ENFILE, ENOMEM: throw .exhausted(reason: "no file could be opened: \(errorText(error))")
    default: throw .unsupported(reason: errorText(error))
    }
  }

  deinit {
    for descriptor in [poller, wakeup, nullInput] where descriptor >= 0 { close(descriptor) }
    buffer.deallocate()
  }

  // MARK: Called from any thread

  /// Throws where the thread cannot be made.
  func run() throws(SpawnError) {
    var thread = pthread_t()
    let error = pthread_create(
      &thread, nil,
      { context in
        guard let context else { return nil }
        Unmanaged<ChildReader>.fromOpaque(context).takeRetainedValue().loop()
        return nil
      }, Unmanaged.passRetained(self).toOpaque())
    guard error == 0 else {
      Unmanaged.passUnretained(self).release()
      throw .exhausted(reason: "no thread could be made: \(errorText(error))")
    }
    shared.withLock { $0.thread = thread }
  }

  func start(
    _ request: ProcessRequest, observer: any ProcessObserver, stays: Bool, runs: (RunningProcess) -> Void
  ) throws(SpawnError) {
    let launch = try Launch(request)
    let sightings = shared.withLock { shared -> Int? in
      guard !shared.isShutDown else { return nil }
      shared.starting += 1
      return shared.orphanSightings
    }
    guard let sightings else { throw .shutDown }
    let id = ChildLedger.nextID()
    let started: belay_spawn_result
    do {
      started = try launch.spawn(id: id, nullInput: nullInput)
    } catch {
      shared.withLock { $0.starting -= 1 }
      wake()
      throw error
    }
    // The program may wait for this thread's processor: what need not be done here is left to the reader.
    let child = SupervisedChild(
      id: id, started: started, request: request, observer: observer, orphanSightings: sightings)
    if child.input >= 0 {
      child.isFeeding = !child.feed()
      if !child.isFeeding, !child.holdsInput {
        close(child.input)
        child.input = -1
      }
    }
    let watchesInput = child.isFeeding
    shared.withLock { shared in
      shared.starting -= 1
      shared.children[id] = child
      shared.unreported.append(child)
      if shared.isShutDown { shared.stops.append((id, 0)) }
    }
    runs(RunningProcess(id: id))
    if stays, stay(with: child) { return }
    try watch(started, of: id, withInput: watchesInput)
    wake()
  }

  /// The outputs are watched later (see `youth`). The exit comes last: when it is seen, this thread no longer touches the
  /// descriptors.
  private func watch(
    _ started: belay_spawn_result, of id: UInt64, withInput: Bool
  ) throws(SpawnError) {
    var error: Int32 = 0
    if withInput { error = belay_poller_add(poller, started.input, EventToken(.input, of: id).rawValue, true) }
    if error == 0 { error = belay_poller_add(poller, started.pidfd, EventToken(.exit, of: id).rawValue, false) }
    guard error != 0 else { return }
    shared.withLock { $0.unwatchable.append(id) }
    wake()
    throw .unwatchable(reason: errorText(error))
  }

  func stop(_ id: UInt64, grace: Int64) {
    shared.withLock { $0.stops.append((id, grace)) }
    wake()
  }

  func send(_ bytes: [UInt8], to id: UInt64) {
    shared.withLock { $0.inputs.append((id, bytes)) }
    wake()
  }

  /// Kills every session, and returns when all of them have been reported as ended.
  func shutDown() {
    let thread = shared.withLock { shared -> pthread_t? in
      shared.isShutDown = true
      for id in shared.children.keys { shared.stops.append((id, 0)) }
      defer { shared.thread = nil }
      return shared.thread
    }
    turn.endRests()
    wake()
    guard let thread else { return }
    // An observer may be called by a thread that the reader would wait for.
    if pthread_equal(thread, pthread_self()) != 0 || loner.load(ordering: .relaxed) == UInt(pthread_self()) {
      pthread_detach(thread)
    } else {
      pthread_join(thread, nil)
    }
  }

  /// Lets whoever waits look at what is behind `shared`; whose turn comes next does so anyway.
  func wake() {
    guard turn.isTaken else { return }
    var one: UInt64 = 1
    _ = write(wakeup, &one, 8)
  }

  // MARK: Alone

  static let eventsAtOnce = 64

  /// Does something while no other thread touches what is not behind `shared`.
  func alone<Result>(_ work: () -> Result) -> Result {
    state.lock()
    return goAlone(work)
  }

  /// The same; nil where another thread is alone just now.
  func aloneUnlessBusy<Result>(_ work: () -> Result) -> Result? { state.tryLock() ? goAlone(work) : nil }

  private func goAlone<Result>(_ work: () -> Result) -> Result {
    loner.store(UInt(pthread_self()), ordering: .relaxed)
    defer {
      loner.store(0, ordering: .relaxed)
      state.unlock()
    }
    return work()
  }

  private func loop() {
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_SETMASK, &all, nil)
    withUnsafeTemporaryAllocation(of: belay_event.self, capacity: Self.eventsAtOnce) { events in
      while true {
        turn.takeAsReader()
        let (limit, isDone) = alone {
          passWhatIsShared()
          let (isIdle, isDone) = shared.withLock { shared in
            (shared.children.isEmpty, shared.isShutDown && shared.children.isEmpty && shared.starting == 0)
          }
          return (timeout(isIdle: isIdle), isDone)
        }
        if isDone { break }
        receive(events, atMost: limit) { settle() }
        turn.leaveAsReader(rests: alone { hasEnded })
      }
    }
    closeDropped()
    for watch in watches.values { close(watch.pidfd) }
  }

  /// Waits at the poller, and then sees to what it says.
  func receive(
    _ events: UnsafeMutableBufferPointer<belay_event>, atMost timeout: Int32, first: () -> Void = {}
  ) {
    let count = belay_poller_wait(poller, events.baseAddress, Int32(events.count), timeout)
    alone {
      first()
      reportStarts()
      for event in events[..<Int(count)] { handle(event) }
    }
  }

  /// Closes what is of no use any more, and says so. What ended before has been reported by now; whoever waited for
  /// that had the processor first.
  func settle() {
    closeDropped()
    guard hasEnded else { return }
    hasEnded = false
    roomMade?()
  }

  func passWhatIsShared() {
    reportStarts()
    passUnwatchable()
    passInputs()
    passStops()
    watchOutputs()
    passDeadlines()
    sweep()
  }

  /// Says which process each new child is, before it can be reaped: its number is its own until then.
  func reportStarts() {
    let children = shared.withLock { shared in
      guard !shared.unreported.isEmpty else { return [] as [SupervisedChild] }
      defer { shared.unreported = [] }
      return shared.unreported.filter { child in
        shared.children[child.id] != nil && !shared.unwatchable.contains(child.id)
      }
    }
    for child in children {
      child.watchesOutputsFrom = monotonicMilliseconds(in: Self.youth)
      if !child.isAttended { young.append(child) }
      child.observer.started(
        ProcessIdentity(
          pid: child.pid, startTime: startTime(of: child),
          bootID: ProcessIdentity.currentBootID))
    }
  }

  /// Watches the outputs of what has run for a moment.
  private func watchOutputs() {
    young += shared.withLock { shared in
      defer { if !shared.outlastsStay.isEmpty { shared.outlastsStay = [] } }
      return shared.outlastsStay
    }
    guard !young.isEmpty else { return }
    let now = monotonicMilliseconds()
    let grown = young.filter { $0.watchesOutputsFrom <= now }
    guard !grown.isEmpty else { return }
    young.removeAll { $0.watchesOutputsFrom <= now }
    for child in grown {
      let errors = [watch(child.output, .stdout, of: child), watch(child.errors, .stderr, of: child)]
      guard errors.contains(where: { $0 != 0 && $0 != EEXIST }) else { continue }
      receive(from: child, .stdout, atMost: 1 << 18)
      receive(from: child, .stderr, atMost: 1 << 18)
      child.watchesOutputsFrom = now + Self.refusedOutputs
      young.append(child)
    }
  }

  private func watch(_ output: Int32, _ kind: EventToken.Kind, of child: SupervisedChild) -> Int32 {
    output < 0 ? 0 : belay_poller_add(poller, output, EventToken(kind, of: child.id).rawValue, false)
  }

  /// As `/proc` says it, which is only read where the clock does not tell, and once to see that the two agree here.
  private func startTime(of child: SupervisedChild) -> UInt64 {
    if clockTellsStarts == true, let time = child.startTime { return time }
    let time = ProcessTable.stat(of: child.pid)?.startTime
    if clockTellsStarts == nil, let time, let told = child.startTime { clockTellsStarts = told == time }
    return time ?? 0
  }

  /// Reaps orphans now and then, however busy the programs are.
  private func sweep() {
    let now = monotonicMilliseconds()
    guard now >= nextSweep else { return }
    nextSweep = now + Self.sweepInterval
    _ = adoptOrphans()
  }

  /// Ends what was started in vain; `start` has thrown, and its observer hears nothing.
  private func passUnwatchable() {
    let children = shared.withLock { shared in
      defer { shared.unwatchable = [] }
      return shared.unwatchable.compactMap { shared.children.removeValue(forKey: $0) }
    }
    for child in children {
      kill(-child.pid, SIGKILL)
      while waitpid(child.pid, nil, 0) < 0 && errno == EINTR {}
      ChildLedger.remove(child.pid, id: child.id)
      closeDescriptors(of: child)
    }
  }

  func closeDescriptors(of child: SupervisedChild) {
    drop(&child.pidfd)
    drop(&child.input)
    drop(&child.output)
    drop(&child.errors)
  }

  func timeout(isIdle: Bool) -> Int32 {
    if !dropped.isEmpty || hasEnded || !young.isEmpty { return Self.closingDelay }
    let next = due.values.lazy.compactMap(\.nextDeadline).min()
    guard let next else { return isIdle && orphans.isEmpty ? -1 : Int32(Self.sweepInterval) }
    return Int32(max(0, min(next - monotonicMilliseconds(), Self.sweepInterval)))
  }

  private func handle(_ event: belay_event) {
    guard let token = EventToken(rawValue: event.token) else { return }
    switch token.kind {
    case .wakeup:
      var count: UInt64 = 0
      _ = read(wakeup, &count, 8)
    case .watch: watchEnded(token.id)
    case .input, .stdout, .stderr, .exit:
      // An event of the same batch may have ended it.
      guard let child = shared.withLock({ $0.children[token.id] }) else { return }
      switch token.kind {
      case .input: feed(child)
      case .stdout: receive(from: child, .stdout, atMost: 1 << 18)
      case .stderr: receive(from: child, .stderr, atMost: 1 << 18)
      default: leaderEnded(child)
      }
      if case .awaitingPipes = child.phase, child.outputsAreClosed { finish(child) }
    }
  }

  /// Hands on what a pipe holds, and closes it at its end; bounded, so that a program that writes without end
  /// holds up nobody.
  func receive(from child: SupervisedChild, _ stream: OutputStream, atMost bound: Int) {
    var received = 0
    while received < bound {
      let descriptor = stream == .stdout ? child.output : child.errors
      guard descriptor >= 0 else { return }
      let count = read(descriptor, buffer.baseAddress, buffer.count)
      if count > 0 {
        received += count
        child.observer.output(UnsafeRawBufferPointer(rebasing: buffer[..<count]), from: stream)
        // A short read took all there was; what comes later makes an event of its own.
        if count < buffer.count, child.phase.isLeaderAlive { return }
      } else if count < 0, errno == EINTR {
        continue
      } else if count < 0, errno == EAGAIN {
        return
      } else {
        if stream == .stdout { dropLater(&child.output) } else { dropLater(&child.errors) }
      }
    }
  }

  /// Takes a descriptor out of use now, and closes it with the next events: an end is reported first.
  func dropLater(_ descriptor: inout Int32) {
    guard descriptor >= 0 else { return }
    belay_poller_remove(poller, descriptor)
    dropped.append(descriptor)
    descriptor = -1
  }

  private func closeDropped() {
    guard !dropped.isEmpty else { return }
    for descriptor in dropped { _ = close(descriptor) }
    dropped.removeAll(keepingCapacity: true)
  }

  /// A copy of the descriptor in a child of another thread, between its fork and its exec, would keep it in the
  /// poller: it is taken out first.
  func drop(_ descriptor: inout Int32) {
    guard descriptor >= 0 else { return }
    belay_poller_remove(poller, descriptor)
    _ = close(descriptor)
    descriptor = -1
  }
}
