import Diagnostics
import YAMLSyntax

extension Decoder {
  /// A list of steps as it will run, each after those it needs; its names become known to what follows.
  ///
  /// - Parameter isFinally: Whether it follows the steps that are known already, and sees them all.
  func stepList(_ heads: [StepHead], _ subject: String, isFinally: Bool) -> [PlannedStep] {
    let needs = self.needs(of: heads, subject)
    let order = self.order(heads, needs) ?? Array(heads.indices)
    // From here on a step's number is its place in the order.
    var place = [Int](repeating: 0, count: heads.count)
    for (index, head) in order.enumerated() { place[head] = index }
    let ordered = order.map { needs[$0].map { place[$0] }.sorted() }
    let first = names.steps.count
    if !isFinally {
      names.reachability = Reachability(needs: ordered.enumerated().map { step, needs in needs.filter { $0 < step } })
    }
    for (index, head) in order.enumerated() { announce(heads[head], place: first + index, isFinally: isFinally) }
    if !isFinally, names.scopes.count == 1 { announceEarlyEnds(order.map { heads[$0] }) }
    var steps: [PlannedStep] = []
    steps.reserveCapacity(order.count)
    for (index, head) in order.enumerated() {
      guard var step = step(heads[head], index: first + index, isFinally: isFinally) else { continue }
      step.needs = ordered[index]
      steps.append(step)
    }
    // What stands inside a step may be looked at by what follows that step.
    if !isFinally, names.scopes.count == 1 { cautionOfUnverified(steps, order.map { heads[$0].idSpan }) }
    return steps
  }
}
