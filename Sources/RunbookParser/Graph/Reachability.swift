/// Whether one step comes before another, directly or through others.
///
/// Steps are numbered so that needs have smaller numbers. A spanning forest over each step's last need answers most
/// questions at once; the rest search back, past no step that is earlier than the one sought.
struct Reachability {
  private let needs: [[Int]]
  private var entered: [Int]
  private var left: [Int]

  init(needs: [[Int]]) {
    self.needs = needs
    var children = [[Int]](repeating: [], count: needs.count)
    for (step, before) in needs.enumerated() { if let parent = before.max() { children[parent].append(step) } }
    entered = [Int](repeating: 0, count: needs.count)
    left = entered
    var clock = 0
    for root in needs.indices where needs[root].isEmpty {
      var path: [(step: Int, next: Int)] = [(root, 0)]
      entered[root] = clock
      while let (step, next) = path.last {
        clock += 1
        if next < children[step].count {
          path[path.count - 1].next += 1
          entered[children[step][next]] = clock
          path.append((children[step][next], 0))
        } else {
          left[step] = clock
          path.removeLast()
        }
      }
    }
  }

  /// Whether `earlier` is needed by `later`, directly or through others.
  func isNeeded(_ earlier: Int, by later: Int) -> Bool {
    guard earlier < later else { return false }
    if entered[earlier] <= entered[later], left[later] <= left[earlier] { return true }
    var seen: Set<Int> = []
    var open = [later]
    while let step = open.popLast() {
      for need in needs[step] where need >= earlier {
        if need == earlier { return true }
        if entered[earlier] <= entered[need], left[need] <= left[earlier] { return true }
        if seen.insert(need).inserted { open.append(need) }
      }
    }
    return false
  }
}
