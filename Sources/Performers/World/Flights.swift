import RunEngine

/// What a performer has in flight, and what waits until there is room for it.
struct Flights {
  /// Where something that is to be done stands.
  enum Flight {
    /// Its secrets are being read, or a thread that has time for it is awaited.
    case preparing(stopped: Bool)
    /// It is just being started.
    case starting(stopped: Bool)
    /// It waits until programs have ended, for there are too few descriptors for more.
    case waiting
    case program(RunningProcess)
    /// The client of a program that runs elsewhere.
    case far(RunningProcess, FarObserver)
    case exchange(HTTPTask)
    /// The client of a tunnel; `stopped` once it was told to end.
    case tunnel(RunningProcess, stopped: Bool = false)
  }

  /// Starts what has waited, as it would have been started before.
  typealias Start = @Sendable () -> Void

  private var all: [EffectID: Flight] = [:]
  /// What is to be started next by whichever thread of the loop has time.
  private var pending: [(id: EffectID, action: ResolvedAction)] = []
  private var queue: [(id: EffectID, start: Start)] = []
  /// How many programs and requests run.
  private var running = 0
  /// Whether something has ended whose descriptors may be open for a moment still.
  private var isRoomComing = false
  /// Whether nothing is started any more.
  private var startsNothing = false

  subscript(id: EffectID) -> Flight? { all[id] }

  /// Something is to be started.
  mutating func prepare(_ id: EffectID) { all[id] = .preparing(stopped: false) }

  /// Something is to be started by whichever thread of the loop has time.
  mutating func prepare(_ id: EffectID, pending action: ResolvedAction) {
    prepare(id)
    pending.append((id, action))
  }

  var pendingCount: Int { pending.count }

  /// Takes what has been pending longest, to be started.
  mutating func nextPending() -> (id: EffectID, action: ResolvedAction)? {
    pending.isEmpty ? nil : pending.removeFirst()
  }

  /// It is started now; false where it was stopped before, or nothing is started any more: it is over with that.
  mutating func start(_ id: EffectID) -> Bool {
    if case .preparing(stopped: false)? = all[id], !startsNothing {
      all[id] = .starting(stopped: false)
      return true
    }
    end(id)
    return false
  }

  /// It runs; gives whether it was stopped meanwhile. Nothing is noted of what has ended already.
  mutating func begin(_ id: EffectID, _ flight: Flight) -> Bool {
    guard case .starting(let isStopped)? = all[id] else { return false }
    all[id] = flight
    running += 1
    return isStopped
  }

  /// It has ended, or was never started.
  mutating func end(_ id: EffectID) {
    switch all.removeValue(forKey: id) {
    case .program, .far, .exchange, .tunnel:
      running -= 1
      isRoomComing = true
    case .preparing, .starting, nil: break
    case .waiting: queue.removeAll { $0.id == id }
    }
  }

  /// Stops what was not started yet; gives whether its end must be told, for nobody else will.
  mutating func stop(_ id: EffectID) -> Bool {
    switch all[id] {
    case .preparing: all[id] = .preparing(stopped: true)
    case .starting: all[id] = .starting(stopped: true)
    case .waiting:
      end(id)
      return true
    case .tunnel(let process, _): all[id] = .tunnel(process, stopped: true)
    case .program, .far, .exchange, nil: break
    }
    return false
  }

  /// Nothing is started any more but what is just being started; gives those whose end must be told.
  mutating func stopUnstarted() -> [EffectID] {
    startsNothing = true
    let cancelled = pending.map(\.id)
    pending = []
    for id in cancelled { end(id) }
    let unstarted = all.keys.filter { if case .starting? = all[$0] { false } else { true } }
    return cancelled + unstarted.filter { stop($0) }
  }

  /// Lets a program wait for room; false where nothing runs whose end could make some, or it was stopped.
  mutating func wait(_ id: EffectID, _ start: @escaping Start) -> Bool {
    guard running > 0 || isRoomComing, !startsNothing, case .starting(stopped: false)? = all[id] else { return false }
    all[id] = .waiting
    queue.append((id, start))
    return true
  }

  /// The same, where so many programs run as there can be.
  mutating func waitIfFull(_ id: EffectID, atMost most: Int, _ start: @escaping Start) -> Bool {
    running >= most && wait(id, start)
  }

  /// Descriptors have been closed.
  mutating func roomIsMade() { isRoomComing = false }

  /// Takes the program that has waited longest out of the queue, to be started.
  mutating func next() -> (id: EffectID, start: Start)? {
    guard !queue.isEmpty else { return nil }
    let first = queue.removeFirst()
    prepare(first.id)
    return first
  }

  /// Whether it waits.
  func isWaiting(_ id: EffectID) -> Bool { if case .waiting? = all[id] { true } else { false } }
}
