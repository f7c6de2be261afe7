import RunEngine

/// Timers in the order in which they are due: a binary heap.
struct TimerQueue {
  private struct Entry {
    var due: Int64
    var order: Int
    var timer: TimerID
  }

  private var heap: [Entry] = []
  private var count = 0

  /// When the next timer is due, on the steady clock.
  var nextDue: Int64? { heap.first?.due }

  /// Adds a timer.
  mutating func add(_ timer: TimerID, due: Int64) {
    count += 1
    heap.append(Entry(due: due, order: count, timer: timer))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard comesBefore(heap[child], heap[parent]) else { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes the next timer out if it is due.
  mutating func takeDue(at now: Int64) -> TimerID? {
    guard let first = heap.first, first.due <= now else { return nil }
    removeFirst()
    return first.timer
  }

  /// Takes the next timer out, due or not, where it is not wanted any more.
  mutating func dropFirst(where unwanted: (TimerID) -> Bool) {
    while let first = heap.first, unwanted(first.timer) { removeFirst() }
  }

  private mutating func removeFirst() {
    let last = heap.removeLast()
    guard !heap.isEmpty else { return }
    heap[0] = last
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if comesBefore(heap[child], heap[smallest]) { smallest = child }
      }
      if smallest == parent { return }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
  }

  private func comesBefore(_ a: Entry, _ b: Entry) -> Bool { (a.due, a.order) < (b.due, b.order) }
}
