import Journal
import RunEngine
import RunbookParser

/// What was observed in a run, held against what was observed in an earlier one.
package struct ObservationComparison: Sendable {
  /// Something that was observed then, or now, or both, and not the same.
  package struct Difference: Sendable, Hashable {
    /// The address.
    package var address: String
    /// What was seen then; nil where it was not looked at.
    package var was: Observation?
    /// What was seen now; nil where it was not looked at.
    package var now: Observation?
  }

  /// What an action or a check came to when it was last done.
  package struct Observation: Sendable, Hashable {
    /// How it ended.
    package var end: String
    /// What it wrote: the beginning of it, a text for each stream.
    package var written: [String]
  }

  /// What is not the same, in the order in which it was seen now, then what was seen before alone.
  package let differences: [Difference]
  /// How many observations were compared.
  package let compared: Int
  /// Whether both runs are of one plan.
  package let isSamePlan: Bool

  /// - Parameters:
  ///   - now: A run; what was only assumed in it is not compared.
  ///   - earlier: The run that it is held against.
  package init(_ now: StoredRun, against earlier: StoredRun) {
    let (before, _) = Self.observations(earlier)
    let (after, assumed) = Self.observations(now)
    var differences: [Difference] = []
    for (address, observation) in after where before[address] != observation {
      differences.append(Difference(address: address, was: before[address], now: observation))
    }
    for (address, observation) in before where after[address] == nil && !assumed.contains(address) {
      differences.append(Difference(address: address, was: observation, now: nil))
    }
    self.differences = differences
    compared = after.keys.count { before[$0] != nil }
    isSamePlan = now.state.plan.digest == earlier.state.plan.digest
  }

  /// What was observed last at each address of something that changes nothing, and the addresses of what was assumed.
  private static func observations(_ run: StoredRun) -> (seen: OrderedObservations, assumed: Set<String>) {
    var seen = OrderedObservations()
    var assumed: Set<String> = []
    for entry in run.entries {
      guard case .actionEnded(let id, let end) = entry.event, Self.observes(id, run.state) else { continue }
      let address = RunEventCodec.address(id, run.state)
      guard end.evidence == .observed else {
        assumed.insert(address)
        continue
      }
      let finding = DryRunFindings.Finding(address, end)
      seen[address] = Observation(end: finding.end, written: finding.written)
    }
    return (seen, assumed)
  }

  private static func observes(_ id: EffectID, _ state: RunState) -> Bool {
    switch id.slot {
    case .action: id.step.map { state.step($0).effect == .observe && state.step($0).ready == nil } ?? false
    case .tool, .precondition, .item, .applied, .verify, .ready: true
    case .confirmation, .doubt, .undo, .undoVerify, .tunnel, .notice, .policy: false
    }
  }

  /// Observations in the order in which their addresses came up first.
  private struct OrderedObservations: Sequence {
    private(set) var keys: [String] = []
    private var values: [String: Observation] = [:]

    subscript(address: String) -> Observation? {
      get { values[address] }
      set {
        if values[address] == nil { keys.append(address) }
        values[address] = newValue
      }
    }

    func makeIterator() -> some IteratorProtocol<(String, Observation)> {
      keys.lazy.compactMap { key in values[key].map { (key, $0) } }.makeIterator()
    }
  }
}
