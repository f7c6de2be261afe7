import Glibc
import RunbookExecutor
import Synchronization

/// Does independent pieces of work on all cores; the results keep the order of the pieces.
enum ParallelMap {
  /// How many cores there are.
  static var cores: Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

  /// Maps the elements; small lists are mapped on the calling thread.
  ///
  /// - Parameters:
  ///   - workers: How many threads share the work.
  ///   - stride: How many elements a thread takes at a time; lists of less than two such pieces are small.
  static func map<Element: Sendable, Result: Sendable>(
    _ elements: [Element], workers: Int = cores, stride: Int = 8, _ work: @escaping @Sendable (Element) -> Result
  ) -> [Result] {
    guard elements.count >= 2 * stride, workers > 1 else { return elements.map(work) }
    let shared = Shared<Result>(count: elements.count, workers: workers, stride: stride)
    for _ in 1..<workers { DedicatedThread.start { shared.work(elements, work) } }
    shared.work(elements, work)
    return shared.wait()
  }

  private final class Shared<Result: Sendable>: Sendable {
    private struct State {
      var results: [Result?]
      var open: Int
    }

    private let next = Atomic<Int>(0)
    private let state: Mutex<State>
    private let done: Semaphore
    private let stride: Int

    init(count: Int, workers: Int, stride: Int) {
      self.stride = stride
      state = Mutex(State(results: Array(repeating: nil, count: count), open: workers))
      done = Semaphore()
    }

    func work<Element>(_ elements: [Element], _ work: (Element) -> Result) {
      var own: [(Int, Result)] = []
      while true {
        let start = next.wrappingAdd(stride, ordering: .relaxed).oldValue
        guard start < elements.count else { break }
        for place in start..<min(start + stride, elements.count) { own.append((place, work(elements[place]))) }
      }
      let last = state.withLock { state -> Bool in
        for (place, result) in own { state.results[place] = result }
        state.open -= 1
        return state.open == 0
      }
      if last { done.signal() }
    }

    func wait() -> [Result] {
      done.wait()
      return state.withLock { $0.results.compactMap { $0 } }
    }
  }
}
