import Glibc

/// A thread of its own, for work that blocks and so must stay off the cooperative pool.
package enum DedicatedThread {
  private final class Body {
    let run: @Sendable () -> Void
    init(_ run: @escaping @Sendable () -> Void) { self.run = run }
  }

  /// As much as a program's first thread usually has; it is only set aside.
  private static let stackSize = 8 << 20

  /// Starts a thread that nobody waits for; false where the system allows no more.
  @discardableResult
  package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
    var thread = pthread_t()
    let boxed = Unmanaged.passRetained(Body(body))
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    pthread_attr_setstacksize(&attributes, stackSize)
    defer { pthread_attr_destroy(&attributes) }
    let error = pthread_create(
      &thread, &attributes,
      { argument in
        if let argument { Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, boxed.toOpaque())
    guard error == 0 else {
      boxed.release()
      return false
    }
    pthread_detach(thread)
    return true
  }

  /// Does blocking work on a thread of its own and waits for it without blocking the caller's.
  package static func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result {
    await withCheckedContinuation { continuation in
      // Where there is no thread to be had, it is done here, whoever that holds up.
      if !start({ continuation.resume(returning: body()) }) { continuation.resume(returning: body()) }
    }
  }
}
