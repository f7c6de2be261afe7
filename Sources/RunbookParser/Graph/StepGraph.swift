/// The needs of steps, as a graph: what comes before what.
struct StepGraph {
  /// For each step the steps it needs, by place in the file.
  let needs: [[Int]]

  /// The steps in an order in which each comes after those it needs; nil where needs form a cycle.
  ///
  /// Of steps that could come next the first in the file does. Linear where the file's own order will do.
  func order() -> [Int]? {
    if needs.enumerated().allSatisfy({ step, needs in needs.allSatisfy { $0 < step } }) { return Array(needs.indices) }
    var open = needs.map(\.count)
    var followers = [[Int]](repeating: [], count: needs.count)
    for (step, before) in needs.enumerated() { for need in before { followers[need].append(step) } }
    var ready = MinimumHeap()
    for step in needs.indices where open[step] == 0 { ready.insert(step) }
    var order: [Int] = []
    order.reserveCapacity(needs.count)
    while let step = ready.removeMinimum() {
      order.append(step)
      for follower in followers[step] {
        open[follower] -= 1
        if open[follower] == 0 { ready.insert(follower) }
      }
    }
    return order.count == needs.count ? order : nil
  }

  /// Every cycle, each from its first step in the file on, at most `limit` of them.
  ///
  /// Steps that lie on no cycle are left out first, so that a graph with few cycles costs little. A graph may have
  /// more cycles than can be listed: the search ends after `limit` found, or a bound on the work.
  func cycles(limit: Int = 50) -> [[Int]] {
    var cycles: [[Int]] = []
    var work = 0
    for component in components() where component.count > 1 || needs[component[0]].contains(component[0]) {
      let members = Set(component)
      for first in component.sorted() {
        // A path from `first` through later steps back to it; each entry has the next need to look at.
        var path: [(step: Int, next: Int)] = [(first, 0)]
        var onPath: Set<Int> = [first]
        while let (step, next) = path.last, work < 1_000_000, cycles.count < limit {
          work += 1
          guard next < needs[step].count else {
            path.removeLast()
            onPath.remove(step)
            continue
          }
          path[path.count - 1].next += 1
          let need = needs[step][next]
          if need == first {
            cycles.append(path.map(\.step))
          } else if need > first, members.contains(need), onPath.insert(need).inserted {
            path.append((need, 0))
          }
        }
      }
    }
    return cycles
  }

  /// The strongly connected components, by Tarjan's algorithm with a stack of its own.
  private func components() -> [[Int]] {
    var index = [Int](repeating: -1, count: needs.count)
    var low = index
    var isOpen = [Bool](repeating: false, count: needs.count)
    var stack: [Int] = []
    var found: [[Int]] = []
    var counter = 0
    for root in needs.indices where index[root] < 0 {
      var calls: [(step: Int, next: Int)] = []
      func enter(_ step: Int) {
        index[step] = counter
        low[step] = counter
        counter += 1
        stack.append(step)
        isOpen[step] = true
        calls.append((step, 0))
      }
      enter(root)
      while let (step, next) = calls.last {
        if next < needs[step].count {
          calls[calls.count - 1].next += 1
          let need = needs[step][next]
          if index[need] < 0 {
            enter(need)
          } else if isOpen[need] {
            low[step] = min(low[step], index[need])
          }
          continue
        }
        calls.removeLast()
        if let caller = calls.last?.step { low[caller] = min(low[caller], low[step]) }
        guard low[step] == index[step] else { continue }
        var component: [Int] = []
        while let member = stack.popLast() {
          isOpen[member] = false
          component.append(member)
          if member == step { break }
        }
        found.append(component)
      }
    }
    return found
  }
}

/// The smallest of some numbers, again and again.
private struct MinimumHeap {
  private var items: [Int] = []

  mutating func insert(_ item: Int) {
    items.append(item)
    var place = items.count - 1
    while place > 0, items[(place - 1) / 2] > items[place] {
      items.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  mutating func removeMinimum() -> Int? {
    guard let minimum = items.first, let last = items.popLast() else { return nil }
    guard !items.isEmpty else { return minimum }
    items[0] = last
    var place = 0
    while true {
      var smallest = place
      for child in [2 * place + 1, 2 * place + 2] where child < items.count && items[child] < items[smallest] {
        smallest = child
      }
      if smallest == place { return minimum }
      items.swapAt(place, smallest)
      place = smallest
    }
  }
}
