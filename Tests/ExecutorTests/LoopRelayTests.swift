import Glibc
import Synchronization
import Testing

@testable import RunbookExecutor

/// Two threads that do one piece of work by turns.
@Suite struct LoopRelayTests {
  /// Work of so many pieces, of which some are errands that another piece has to end.
  private final class Work: @unchecked Sendable {
    let relay = LoopRelay()
    private let monitor = Monitor()
    private var done = 0
    private let pieces: Int
    /// Touched only by the thread whose turn it is.
    private var begun = 0
    private(set) var threads: [pthread_t] = []
    private(set) var atOnce = 0
    private(set) var mostAtOnce = 0

    init(pieces: Int) { self.pieces = pieces }

    /// Goes on until all is done; each piece is worked on by one thread at a time.
    func run() {
      relay.run { [self] in
        while begun < pieces {
          enter()
          begun += 1
          let piece = begun
          leave()
          // The errand of each odd piece is over when the next one was done, which this thread does not do.
          if piece % 2 == 1 {
            relay.stepAside { awaitEnd(of: piece + 1) }
          } else {
            finish(piece)
          }
        }
      }
    }

    private func enter() {
      atOnce += 1
      mostAtOnce = max(mostAtOnce, atOnce)
      let own = pthread_self()
      if !threads.contains(where: { pthread_equal($0, own) != 0 }) { threads.append(own) }
    }

    private func leave() { atOnce -= 1 }

    private func finish(_ piece: Int) {
      monitor.lock()
      done = piece
      monitor.signal()
      monitor.unlock()
    }

    private func awaitEnd(of piece: Int) {
      monitor.lock()
      while done < piece { monitor.wait() }
      monitor.unlock()
    }
  }

  @Test("what holds up one thread does not hold up the work, which one thread does at a time")
  func theOtherGoesOn() async {
    let work = Work(pieces: 1_000)
    await DedicatedThread.run { work.run() }
    #expect(work.threads.count == 2)
    #expect(work.mostAtOnce == 1)
  }

  @Test("without an errand there is one thread")
  func oneThread() async {
    let threads = Mutex<[pthread_t]>([])
    let relay = LoopRelay()
    await DedicatedThread.run { relay.run { threads.withLock { $0.append(pthread_self()) } } }
    #expect(threads.withLock { $0.count } == 1)
  }

  @Test("who began it waits for the other's errand, too")
  func theEndIsTheEndOfBoth() async {
    let relay = LoopRelay()
    let calls = Atomic(0)
    let isBack = Atomic(false)
    await DedicatedThread.run {
      relay.run {
        switch calls.add(1, ordering: .sequentiallyConsistent).newValue {
        case 1:
          // The second thread begins while this one is away, and is away itself when this one comes back.
          relay.stepAside { while calls.load(ordering: .sequentiallyConsistent) < 2 { sched_yield() } }
        case 2:
          relay.stepAside {
            for _ in 1...1_000 { sched_yield() }
            isBack.store(true, ordering: .sequentiallyConsistent)
          }
        default: break
        }
      }
      let wasAwaited = isBack.load(ordering: .sequentiallyConsistent)
      #expect(wasAwaited)
    }
  }
}
