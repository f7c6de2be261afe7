import Journal
import RunEngine
import RunbookParser

/// How long the steps of past runs took, by address; the repetitions of `steps.shift` are one: `steps.shift[]`.
package struct PastDurations: Sendable {
  /// How long a step takes, in milliseconds.
  package struct Spread: Hashable, Sendable {
    /// Half of the times it was done by then.
    package var median: Int64
    /// Nine of ten times it was done by then.
    package var ninetieth: Int64
    /// How many times were measured.
    package var count: Int
  }

  /// How many runs were looked at.
  package private(set) var runs = 0
  private var measured: [String: [Int64]] = [:]

  package init() {}

  /// How long a step takes; nil where it was never measured.
  package func spread(of address: String) -> Spread? {
    guard let times = measured[address]?.sorted(), !times.isEmpty else { return nil }
    func rank(_ tenths: Int) -> Int64 { times[(times.count * tenths + 9) / 10 - 1] }
    return Spread(median: rank(5), ninetieth: rank(9), count: times.count)
  }

  /// Takes the events of a run; what did not succeed, what was not seen to, and what another engine finished is left out.
  ///
  /// - Parameter state: What they led to.
  package mutating func add(_ events: some Sequence<(time: Int64, event: RunEvent)>, of state: RunState) {
    runs += 1
    var begun: [StepIndex: Int64] = [:]
    for (time, event) in events {
      switch event {
      case .engineStarted: begun = [:]
      case .intended(let id, _, _):
        if id.slot == .action, let step = id.step, begun[step] == nil { begun[step] = time }
      case .expanded(let step, _): if begun[step] == nil { begun[step] = time }
      case .stepEnded(let step, .succeeded, _, .observed):
        guard let from = begun.removeValue(forKey: step) else { continue }
        let address = RunEventCodec.address(step, state).replacing(/\[[0-9]+\]/, with: "[]")
        measured[address, default: []].append(time - from)
      case .stepEnded(let step, _, _, _): begun[step] = nil
      default: break
      }
    }
  }
}
