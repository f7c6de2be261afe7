import Glibc
import Journal
import RunEngine

/// Something that came from outside and waits for the loop.
package struct InboxItem: Sendable {
  /// What came.
  package enum Content: Sendable {
    /// An event.
    case event(RunEvent)
    /// A process was started; recorded with the next commit, and not at all if it has ended by then.
    case started(EffectID, ProcessMark)
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

/// The one way into the loop: performers, signals and people put in, the loop takes out.
package final class Inbox: @unchecked Sendable {
  // `items` is touched only with `mutex` held; the condition is bound to CLOCK_MONOTONIC.
  private var items: [InboxItem] = []
  private var mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private var condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

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
    pthread_mutex_init(mutex, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(condition, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  /// Puts an item in; may be called from any thread.
  ///
  /// - Parameter wakes: Whether the loop takes it up at once, or with the next item that does.
  package func put(_ item: InboxItem, wakes: Bool = true) {
    if let target { return target.put(item, wakes: wakes) }
    pthread_mutex_lock(mutex)
    items.append(item)
    if wakes { pthread_cond_signal(condition) }
    pthread_mutex_unlock(mutex)
  }

  /// Puts an event in; may be called from any thread.
  package func put(_ event: RunEvent, outputs: [SmallOutput] = [], lost: String? = nil) {
    put(InboxItem(.event(rewrite(event)), outputs: outputs, lost: lost))
  }

  /// Takes everything out, waiting until there is something or a number of milliseconds has passed; nil waits for ever.
  func take(waiting milliseconds: Int64?) -> [InboxItem] {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    if items.isEmpty {
      if let milliseconds {
        var until = timespec()
        clock_gettime(CLOCK_MONOTONIC, &until)
        until.tv_sec += Int(milliseconds / 1000)
        until.tv_nsec += Int(milliseconds % 1000) * 1_000_000
        if until.tv_nsec >= 1_000_000_000 {
          until.tv_sec += 1
          until.tv_nsec -= 1_000_000_000
        }
        while items.isEmpty {
          if pthread_cond_timedwait(condition, mutex, &until) == ETIMEDOUT { break }
        }
      } else {
        while items.isEmpty { pthread_cond_wait(condition, mutex) }
      }
    }
    let taken = items
    items = []
    return taken
  }
}
