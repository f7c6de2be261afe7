import Expressions
import Journal
import RunEngine
import RunbookParser

/// Tries what can go wrong in a plan: every single fault at every place, and on demand every pair.
///
/// A fault is tried where its place is first come to: the run up to there is the same without it, and is not played
/// again. Two faults that lead to one state are followed once.
package struct Explorer: Sendable {
  /// How many cases are played unless somebody says otherwise.
  package static let usualLimit = 1_000_000

  /// Spreads independent pieces of work, which are numbered; the results are in the order of the numbers.
  package typealias Division = (_ count: Int, _ work: @escaping @Sendable (Int) -> ExploredCases) -> [ExploredCases]

  private let planned: PlannedRehearsal
  private let zones: [ZoneRecord]
  private let places: FaultPlaces
  private let withTimes: Bool
  private let limit: Int

  /// - Parameters:
  ///   - planned: The plan, and a scenario for what the exploration does not vary.
  ///   - zones: The zones of time that the plan names.
  ///   - limit: How many cases are played at most.
  package init(_ planned: PlannedRehearsal, zones: [ZoneRecord] = [], limit: Int = usualLimit) {
    self.planned = planned
    self.zones = zones
    self.limit = limit
    places = FaultPlaces(planned.plan)
    withTimes = planned.plan.knowsTime
  }

  // MARK: The way there, and the way back on request

  /// A run in which faults are tried, and where they begin.
  private enum Base: CaseIterable {
    /// The scenario as it is.
    case forward
    /// The scenario, and a rollback on request where all went well: of that the way back.
    case onRequest
  }

  private func walk(_ base: Base) -> ExploredRun {
    var planned = planned
    if base == .onRequest { planned.rehearsal.then.append(.rollback) }
    return ExploredRun(planned, zones: zones, places, withTimes: withTimes)
  }

  private func offers(_ base: Base, _ run: ExploredRun) -> Bool {
    base == .forward || run.run.actsBegun > planned.rehearsal.then.count
  }

  /// Explores.
  ///
  /// - Parameters:
  ///   - pairs: Whether pairs of faults are tried, too.
  ///   - divide: Spreads the work; what comes of it does not depend on how.
  package func explore(pairs: Bool, _ divide: Division) -> Exploration {
    var exploration = Exploration(planned, places)
    var offers: [(base: Base, count: Int)] = []
    for base in Base.allCases where base == .forward || exploration.endsWell && exploration.canGoOn {
      var run = walk(base)
      offers.append((base, survey(base, &run)))
      if base == .forward { exploration.begin(run) }
      run.conclude()
      exploration.add(run.asCases)
    }
    if !exploration.canGoOn { return exploration }
    var tried: [(base: Base, singles: [ExploredCases.Single])] = []
    for (base, offered) in offers {
      let count = min(offered, max(0, limit - exploration.cases))
      exploration.leaveUntried(offered - count)
      let pieces = divide((count + Self.chunk - 1) / Self.chunk) { [self] number in
        self.singles(base, number * Self.chunk..<min(count, (number + 1) * Self.chunk), counts: pairs)
      }
      for cases in pieces { exploration.add(cases) }
      tried.append((base, pieces.flatMap(\.singles)))
    }
    // What shows with less is never reported with more.
    if pairs { for (base, singles) in tried { explorePairs(base, singles, &exploration, divide) } }
    return exploration
  }

  private static let chunk = 16

  /// Plays a base to its end; how many faults it offers.
  private func survey(_ base: Base, _ run: inout ExploredRun) -> Int {
    var count = 0
    while let faults = run.advance() { if offers(base, run) { count += faults.count } }
    return count
  }

  // MARK: One fault

  private func singles(_ base: Base, _ range: Range<Int>, counts: Bool) -> ExploredCases {
    var cases = ExploredCases()
    var walker = walk(base)
    var number = 0
    while number < range.upperBound, let faults = walker.advance() {
      guard offers(base, walker) else { continue }
      for fault in faults {
        if range.contains(number) {
          var run = walker.suffering(fault)
          let marks = run.finish(counting: counts)
          cases.add(run)
          cases.singles.append(
            ExploredCases.Single(
              number: number, marks: marks.map(\.future), offeredBefore: marks.map(\.offered), offered: run.offered))
        }
        number += 1
      }
    }
    return cases
  }

  // MARK: Two faults

  private func explorePairs(
    _ base: Base, _ singles: [ExploredCases.Single], _ exploration: inout Exploration, _ divide: Division
  ) {
    var known: Set<UInt64> = []
    var units: [(single: ExploredCases.Single, boundary: Int?)] = []
    for single in singles {
      // From the first state on that another one led to, all has been tried.
      let boundary = single.marks.firstIndex(where: known.contains)
      known.formUnion(single.marks)
      if boundary != nil { exploration.merge() }
      units.append((single, boundary))
    }
    var open = max(0, limit - exploration.cases)
    var chosen = units.count
    for (place, unit) in units.enumerated() {
      open -= unit.boundary.map { unit.single.offeredBefore[$0] } ?? unit.single.offered
      if open < 0 {
        chosen = place
        break
      }
    }
    exploration.leaveOut(units.count - chosen)
    let all = units
    for cases in divide(chosen, { [self] in self.pairs(base, all[$0].single.number, until: all[$0].boundary) }) {
      exploration.add(cases)
    }
  }

  /// All pairs of which the first is the fault of this number.
  ///
  /// - Parameter boundary: The mark of the state from which on another first fault leads to the same; nil where none does.
  private func pairs(_ base: Base, _ number: Int, until boundary: Int?) -> ExploredCases {
    var cases = ExploredCases()
    guard var run = first(base, number) else { return cases }
    var known: Set<UInt64> = []
    while let faults = run.advance() {
      if let boundary, run.marks.count > boundary { break }
      for fault in faults {
        var second = run.suffering(fault)
        if second.finish(knowing: &known) { cases.merged += 1 }
        cases.add(second)
      }
    }
    return cases
  }

  private func first(_ base: Base, _ number: Int) -> ExploredRun? {
    var walker = walk(base)
    var count = 0
    while let faults = walker.advance() {
      guard offers(base, walker) else { continue }
      if number < count + faults.count { return walker.suffering(faults[number - count]) }
      count += faults.count
    }
    return nil
  }
}

extension RunPlan {
  /// Whether what time it is, or how long the run has gone on, bears on anything.
  fileprivate var knowsTime: Bool {
    if objectives?.recoveryTime != nil || timeout != nil || policy?.freezes.isEmpty == false { return true }
    // The text of the plan says everything; taking a text of a script for an expression costs only time.
    let text = encoded().lineText()
    return ["run.now", "run.started", "run.frozen"].contains(where: text.contains) || hasTimedCall
  }

  private var hasTimedCall: Bool {
    var open = steps + finally
    while let step = open.popLast() {
      if case .call(let call) = step.action, step.timeout != nil || call.timeout != nil { return true }
      if case .forEach(let each) = step.action { open.append(each.template) }
      open += step.action.blocks.joined()
    }
    return false
  }
}
