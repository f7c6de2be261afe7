/// What will happen, in simulated time: first what is due first, and of that what was planned first.
struct Agenda<Item: Sendable>: Sendable {
  private struct Entry: Sendable {
    var due: Int64
    var order: Int
    var item: Item
  }

  private var heap: [Entry] = []
  private var count = 0

  /// When the next thing is due, in milliseconds since the epoch.
  var nextDue: Int64? { heap.first?.due }

  /// Plans something.
  mutating func add(_ item: Item, due: Int64) {
    count += 1
    heap.append(Entry(due: due, order: count, item: item))
    var child = heap.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      guard Self.comesBefore(heap[child], heap[parent]) else { break }
      heap.swapAt(child, parent)
      child = parent
    }
  }

  /// Takes out the next thing that is due by a time.
  mutating func take(by now: Int64) -> Item? {
    guard let first = heap.first, first.due <= now else { return nil }
    let last = heap.removeLast()
    guard !heap.isEmpty else { return first.item }
    heap[0] = last
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count {
        if Self.comesBefore(heap[child], heap[smallest]) { smallest = child }
      }
      if smallest == parent { return first.item }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
  }

  /// All that will happen, in order.
  var inOrder: [(due: Int64, item: Item)] {
    heap.sorted(by: Self.comesBefore).map { ($0.due, $0.item) }
  }

  /// Forgets everything.
  mutating func removeAll() { heap = [] }

  private static func comesBefore(_ a: Entry, _ b: Entry) -> Bool { (a.due, a.order) < (b.due, b.order) }
}
