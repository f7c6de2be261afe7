import Glibc
import Journal
import RunEngine

/// Something that came from outside and waits for the loop.
package struct InboxItem: Sendable {
  /// What came.
  package enum Content: Sendable {
    /// An event.
    case event(RunEvent)
    /// A process was started; recorded with the next commit once it has run for a moment, and not at all if it has ended by
    /// then.
    ///
    /// `since` is a time of `Clock.steady`.
    case started(EffectID, ProcessMark, since: Int64)
  }

  /// What came.
  package var content: Content
  /// Outputs that the event names and that travel in its commit.
  package var outputs: [SmallOutput]
  /// Why an output that belongs to the event could not be stored; the event must then not be recorded either.
  package var lost: String?

  package init(_ content: Content, outputs: [SmallOutput] = [], lost: String? = nil) {
    self.content = content
    self.outputs = outputs
    self.lost = lost
  }
}

/// Where most of what comes arrives first: the loop's thread waits there itself, so that no other has to wake it.
package protocol EventSource: AnyObject, Sendable {
  /// Waits until `isReady`, or for a number of milliseconds, and handles what comes meanwhile on this thread.
  ///
  /// False where it cannot be waited here now; another thread then hands on what comes.
  ///
  /// - Parameter forSeveral: Whether more than one thing is awaited.
  func wait(atMost milliseconds: Int64?, forSeveral: Bool, until isReady: () -> Bool) -> Bool
  /// Lets the thread that waits look again whether it is ready; called by any thread.
  func wake()
}

/// The one way into the loop: performers, signals and people put in, the loop takes out.
package final class Inbox: @unchecked Sendable {
  // What changes is touched only with `monitor` held.
  private let monitor = Monitor()
  private var items: [InboxItem] = []
  /// Whether something is among them that the loop takes up at once.
  private var isReady = false
  /// The thread that waits at the source.
  private var waiting: pthread_t?
  private var source: (any EventSource)?

  private let target: Inbox?
  private let rewrite: @Sendable (RunEvent) -> RunEvent

  package convenience init() {
    self.init(target: nil, rewrite: { $0 })
  }

  /// A way in that rewrites events and passes everything on to another.
  package convenience init(forwardingTo target: Inbox, rewriting rewrite: @escaping @Sendable (RunEvent) -> RunEvent) {
    self.init(target: target, rewrite: rewrite)
  }

  private init(target: Inbox?, rewrite: @escaping @Sendable (RunEvent) -> RunEvent) {
    self.target = target
    self.rewrite = rewrite
  }

  /// Lets the loop's thread wait at a source; called before the loop takes anything.
  package func wait(at source: any EventSource) {
    if let target { return target.wait(at: source) }
    monitor.lock()
    self.source = source
    monitor.unlock()
  }

  /// Puts an item in; may be called from any thread.
  ///
  /// - Parameter wakes: Whether the loop takes it up at once, or with the next item that does.
  package func put(_ item: InboxItem, wakes: Bool = true) {
    if let target { return target.put(item, wakes: wakes) }
    monitor.lock()
    items.append(item)
    isReady = isReady || wakes
    // The thread that waits at the source sees by itself what it puts in there.
    let isElsewhere = waiting.map { pthread_equal($0, pthread_self()) == 0 } ?? false
    if wakes, waiting == nil { monitor.signal() }
    let sleeper = wakes && isElsewhere ? source : nil
    monitor.unlock()
    sleeper?.wake()
  }

  /// Puts an event in; may be called from any thread.
  package func put(_ event: RunEvent, outputs: [SmallOutput] = [], lost: String? = nil) {
    put(InboxItem(.event(rewrite(event)), outputs: outputs, lost: lost))
  }

  /// Takes everything out, waiting until there is something that wakes or a number of milliseconds has passed; nil
  /// waits for ever.
  ///
  /// - Parameter forSeveral: Whether more than one thing is awaited.
  func take(waiting milliseconds: Int64?, forSeveral: Bool = false) -> [InboxItem] {
    let end = milliseconds.map { MonotonicTime(in: $0) }
    monitor.lock()
    defer { monitor.unlock() }
    if !isReady, let source {
      waiting = pthread_self()
      monitor.unlock()
      let hasWaited = source.wait(atMost: milliseconds, forSeveral: forSeveral) { holdsSomething }
      monitor.lock()
      waiting = nil
      if hasWaited { return takeAll() }
    }
    while !isReady {
      if let end {
        if !monitor.wait(until: end) { break }
      } else {
        monitor.wait()
      }
    }
    return takeAll()
  }

  private var holdsSomething: Bool {
    monitor.lock()
    defer { monitor.unlock() }
    return isReady
  }

  private func takeAll() -> [InboxItem] {
    defer {
      items = []
      isReady = false
    }
    return items
  }
}
