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
  private var skipped: Set<String> = []

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
    var asked: [EffectID: Int64] = [:]
    // What people took before a step's action.
    var waited: [StepIndex: Int64] = [:]
    var engineStarted: Int64?
    var hasSteps = false
    for (time, event) in events {
      var begins: (step: StepIndex, at: Int64)?
      switch event {
      case .engineStarted(let start):
        begun = [:]
        engineStarted = start.purpose == .run ? time : nil
      case .intended(let id, _, _): if id.slot == .action, let step = id.step { begins = (step, time) }
      case .expanded(let step, _): begins = (step, time)
      case .actionEnded(let id, let end):
        if case .precondition = id.slot, let step = id.step { begins = (step, time - end.duration) }
      case .asked(let id, _): if id.slot == .confirmation { asked[id] = time }
      case .answered(let id, _, _, _):
        if let step = id.step, let since = asked[id] { waited[step] = time - since }
      case .stepEnded(let step, let end, _, let evidence):
        let address = RunEventCodec.address(step, state).replacing(/\[[0-9]+\]/, with: "[]")
        if case .skipped = end { skipped.insert(address) }
        guard let from = begun.removeValue(forKey: step), end == .succeeded, evidence == .observed else { continue }
        measured[address, default: []].append(max(0, time - from - (waited[step] ?? 0)))
      default: break
      }
      guard let begins else { continue }
      if begun[begins.step] == nil { begun[begins.step] = begins.at }
      if !hasSteps, let engineStarted { measured[Self.beforeSteps, default: []].append(begins.at - engineStarted) }
      hasSteps = true
    }
  }

  /// Under what the time before the first step is kept: programs that are looked up, tunnels, the run's preconditions.
  package static let beforeSteps = "preconditions"

  /// Whether a step was left out when it was come to.
  package func wasSkipped(_ address: String) -> Bool { skipped.contains(address) }
}
