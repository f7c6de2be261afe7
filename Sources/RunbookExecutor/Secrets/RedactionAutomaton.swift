import Glibc

/// Finds any of a number of byte strings in a stream, in time linear in the stream (Aho and Corasick, 1975).
///
/// Before it comes a filter for streams that hold none: a bit for each hash of four bytes at the beginning of a pattern.
/// The patterns are wiped from memory with the object.
final class RedactionAutomaton: @unchecked Sendable {
  /// A state: the beginning of a pattern.
  struct State {
    /// The state for one byte less at the front; 0 is the state for nothing.
    var fallback: Int32 = 0
    /// The first of the states that are longer by a byte; 0 where there is none.
    var child: Int32 = 0
    /// The next state that is longer than the same one by a byte; 0 where there is none.
    var sibling: Int32 = 0
    /// How many symbols it is long.
    var depth: Int32 = 0
    /// The length of the longest pattern that ends there; 0 where none does.
    var match: Int32 = 0
    /// Its last symbol.
    var symbol: UInt8 = 0
  }

  /// How many bytes the filter looks at.
  static let gram = 4

  /// How the stream is read.
  let reading: StreamReading
  /// How far the filter may go at once: of so many neighbouring places one at least shows a pattern.
  let stride: Int
  private let states: UnsafeMutableBufferPointer<State>
  /// The states of one symbol.
  private let first: UnsafeMutablePointer<Int32>
  private let filter: UnsafeMutablePointer<UInt8>
  private let filterShift: UInt32

  /// An automaton for patterns of four symbols at least, of which there is one at least.
  init(_ patterns: some Collection<[UInt8]>, reading: StreamReading) {
    self.reading = reading
    stride = min(4, patterns.reduce(Int.max) { min($0, $1.count) } - Self.gram + 1)
    precondition(stride > 0, "a pattern is too short to be searched")

    let total = patterns.reduce(1) { $0 + $1.count }
    let room = UnsafeMutableBufferPointer<State>.allocate(capacity: total)
    let first = UnsafeMutablePointer<Int32>.allocate(capacity: 256)
    first.initialize(repeating: 0, count: 256)
    var count = 1
    room.initializeElement(at: 0, to: State())
    for pattern in patterns {
      var state = 0
      for symbol in pattern {
        var next = state == 0 ? first[Int(symbol)] : room[state].child
        if state != 0 { while next != 0, room[Int(next)].symbol != symbol { next = room[Int(next)].sibling } }
        if next == 0 {
          next = Int32(count)
          room.initializeElement(
            at: count, to: State(sibling: room[state].child, depth: room[state].depth + 1, symbol: symbol))
          room[state].child = next
          if state == 0 { first[Int(symbol)] = next }
          count += 1
        }
        state = Int(next)
      }
      room[state].match = Int32(pattern.count)
    }
    states = UnsafeMutableBufferPointer(rebasing: room[..<count])
    self.first = first

    // Patterns often begin alike: so many bits are enough for what is in none to be hardly ever taken for one.
    var bits: UInt32 = 17
    while bits < 21, 1 << bits < patterns.count * stride * 16 { bits += 1 }
    filterShift = 32 - bits
    filter = UnsafeMutablePointer<UInt8>.allocate(capacity: 1 << (bits - 3))
    filter.initialize(repeating: 0, count: 1 << (bits - 3))
    for pattern in patterns {
      for offset in 0..<stride { addToFilter(pattern[offset..<offset + Self.gram]) }
    }
    findFallbacks()
  }

  deinit {
    // Optimisers do not take this call away.
    if let base = states.baseAddress { explicit_bzero(base, states.count * MemoryLayout<State>.stride) }
    states.deallocate()
    first.deallocate()
    filter.deallocate()
  }

  private func addToFilter(_ gram: ArraySlice<UInt8>) {
    var words: [UInt32] = [0]
    for (index, symbol) in gram.enumerated() {
      words = reading.plainForms(of: symbol).flatMap { form in words.map { $0 | UInt32(form) << (8 * UInt32(index)) } }
    }
    for word in words {
      let hash = hash(word)
      filter[hash >> 3] |= 1 << UInt8(hash & 7)
    }
  }

  @inline(__always)
  private func hash(_ word: UInt32) -> Int { Int((word &* 0x9E37_79B1) &>> filterShift) }

  private func findFallbacks() {
    var queue: [Int32] = [0]
    queue.reserveCapacity(states.count)
    var head = 0
    while head < queue.count {
      let state = Int(queue[head])
      head += 1
      var child = states[state].child
      while child != 0 {
        let place = Int(child)
        let fallback = state == 0 ? 0 : next(after: Int(states[state].fallback), states[place].symbol)
        states[place].fallback = Int32(fallback)
        states[place].match = max(states[place].match, states[fallback].match)
        queue.append(child)
        child = states[place].sibling
      }
    }
  }

  /// The state after one more symbol.
  @inline(__always)
  func next(after state: Int, _ symbol: UInt8) -> Int {
    var state = state
    while state != 0 {
      var child = Int(states[state].child)
      while child != 0 {
        if states[child].symbol == symbol { return child }
        child = Int(states[child].sibling)
      }
      state = Int(states[state].fallback)
    }
    return Int(first[Int(symbol)])
  }

  /// How many symbols of a state may begin a match.
  func depth(of state: Int) -> Int { Int(states[state].depth) }

  /// The length of the longest match that ends in a state; 0 where none does.
  func match(of state: Int) -> Int { Int(states[state].match) }

  /// Goes on from a place as long as the filter shows no pattern; `limit` is the end of what may be looked at.
  ///
  /// No pattern begins between the two places. Where room for another look is left, one may begin within the next
  /// `stride` bytes.
  func skip(_ bytes: UnsafeBufferPointer<UInt8>, from place: Int, limit: Int) -> Int {
    guard let base = UnsafeRawPointer(bytes.baseAddress) else { return place }
    let filter = UnsafePointer(filter)
    let stride = stride
    let shift = filterShift
    var place = place
    let last = limit - stride + 1 - Self.gram
    while place <= last {
      let word = UInt32(littleEndian: (base + (place &+ stride &- 1)).loadUnaligned(as: UInt32.self))
      let hash = Int(truncatingIfNeeded: (word &* 0x9E37_79B1) &>> shift)
      if filter[hash &>> 3] &>> UInt8(truncatingIfNeeded: hash & 7) & 1 != 0 { break }
      place = place &+ stride
    }
    return place
  }
}
