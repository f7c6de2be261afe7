import HeapModule

/// What will happen, for those who perform effects: first what is due first, and of that what was planned first.
package struct Agenda<Item: Sendable>: Sendable {
  @usableFromInline
  package struct Entry: Comparable, Sendable {
    @usableFromInline package var due: Int64
    @usableFromInline package var order: Int
    @usableFromInline package var item: Item

    @inlinable
    package init(due: Int64, order: Int, item: Item) {
      self.due = due
      self.order = order
      self.item = item
    }

    @inlinable
    package static func == (a: Entry, b: Entry) -> Bool { a.order == b.order }
    @inlinable
    package static func < (a: Entry, b: Entry) -> Bool { (a.due, a.order) < (b.due, b.order) }
  }

  // What is generic is specialized for those that use it: the simulated agenda is most of a simulated step.
  @usableFromInline package var entries = Heap<Entry>()
  @usableFromInline package var count = 0

  /// Nothing will happen.
  @inlinable
  package init() {}

  /// When the next thing is due, in milliseconds on the clock of whoever planned it.
  @inlinable
  package var nextDue: Int64? { entries.min?.due }

  /// Plans something.
  @inlinable
  package mutating func add(_ item: Item, due: Int64) {
    count += 1
    entries.insert(Entry(due: due, order: count, item: item))
  }

  /// Takes out the next thing if it is due by a time.
  @inlinable
  package mutating func take(by now: Int64) -> Item? {
    guard let due = nextDue, due <= now else { return nil }
    return entries.popMin()?.item
  }

  /// Forgets what comes next where it is not wanted any more.
  @inlinable
  package mutating func dropFirst(where isUnwanted: (Item) -> Bool) {
    while let first = entries.min, isUnwanted(first.item) { entries.removeMin() }
  }

  /// Forgets everything.
  @inlinable
  package mutating func removeAll() { entries = Heap() }

  /// All that will happen, in order.
  package var inOrder: [(due: Int64, item: Item)] { entries.unordered.sorted().map { ($0.due, $0.item) } }
}
