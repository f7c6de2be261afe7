import Glibc
import Synchronization

/// Work on many elements, on all cores, while the caller does something else.
final class ParallelWork<Element: Sendable, Result: Sendable>: @unchecked Sendable {
  /// How many elements a thread takes at a time.
  private static var stride: Int { 16 }

  private let elements: [Element]
  private let work: @Sendable (Element) -> Result
  private let results: UnsafeMutablePointer<Result?>
  private let next = Atomic<Int>(0)
  private var helpers: [pthread_t] = []

  /// Begins the work; small amounts wait for `finish`.
  init(_ elements: [Element], _ work: @escaping @Sendable (Element) -> Result) {
    self.elements = elements
    self.work = work
    results = .allocate(capacity: max(1, elements.count))
    results.initialize(repeating: nil, count: elements.count)
    guard elements.count > 4 * Self.stride else { return }
    for _ in 1..<max(2, min(16, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))) { startHelper() }
  }

  deinit {
    // Whoever did not wait for the end leaves the threads to themselves; they hold this object until they are done.
    for helper in helpers { pthread_detach(helper) }
    results.deinitialize(count: elements.count)
    results.deallocate()
  }

  private func startHelper() {
    let body = Unmanaged.passRetained(ThreadBody { [self] in help() })
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        if let argument { Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run() }
        return nil
      }, body.toOpaque())
    if code == 0 {
      helpers.append(thread)
    } else {
      // Without another thread the caller does it alone.
      body.release()
    }
  }

  private func help() {
    while true {
      let start = next.wrappingAdd(Self.stride, ordering: .relaxed).oldValue
      guard start < elements.count else { return }
      for place in start..<min(start + Self.stride, elements.count) { results[place] = work(elements[place]) }
    }
  }

  /// Helps until all is done; gives the results in the order of the elements.
  func finish() -> [Result] {
    help()
    for helper in helpers { pthread_join(helper, nil) }
    helpers = []
    return (0..<elements.count).map { place in
      guard let result = results[place] else { preconditionFailure("every element is worked on") }
      return result
    }
  }
}

/// What a thread is begun with.
private final class ThreadBody {
  let run: () -> Void

  init(_ run: @escaping () -> Void) { self.run = run }
}
