import HeapModule

/// What will happen, for those who perform effects: first what is due first, and of that what was planned first.
package struct Agenda<Item: Sendable>: Sendable {
  private struct Entry: Comparable, Sendable {
    var due: Int64
    var order: Int
    var item: Item

    static func == (a: Entry, b: Entry) -> Bool { a.order == b.order }
    static func < (a: Entry, b: Entry) -> Bool { (a.due, a.order) < (b.due, b.order) }
  }

  private var entries = Heap<Entry>()
  private var count = 0

  /// Nothing will happen.
  package init() {}

  /// When the next thing is due, in milliseconds on the clock of whoever planned it.
  package var nextDue: Int64? { entries.min?.due }

  /// Plans something.
  package mutating func add(_ item: Item, due: Int64) {
    count += 1
    entries.insert(Entry(due: due, order: count, item: item))
  }

  /// Takes out the next thing if it is due by a time.
  package mutating func take(by now: Int64) -> Item? {
    guard let due = nextDue, due <= now else { return nil }
    return entries.popMin()?.item
  }

  /// Forgets what comes next where it is not wanted any more.
  package mutating func dropFirst(where isUnwanted: (Item) -> Bool) {
    while let first = entries.min, isUnwanted(first.item) { entries.removeMin() }
  }

  /// Forgets everything.
  package mutating func removeAll() { entries = Heap() }

  /// All that will happen, in order.
  package var inOrder: [(due: Int64, item: Item)] { entries.unordered.sorted().map { ($0.due, $0.item) } }
}
