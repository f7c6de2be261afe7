/// Finds any of a number of byte strings in a stream, in time linear in the stream (Aho and Corasick, 1975).
struct RedactionAutomaton: Sendable {
  /// For each state 256 next states.
  private(set) var next: [Int32]
  /// For each state how many bytes of it may begin a match.
  private(set) var depth: [Int32]
  /// For each state the length of the longest match that ends there; 0 where none does.
  private(set) var match: [Int32]

  /// An automaton for patterns, none of which is empty.
  init(_ patterns: [[UInt8]]) {
    var children = [Int32](repeating: -1, count: 256)
    var depth: [Int32] = [0]
    var match: [Int32] = [0]
    for pattern in patterns where !pattern.isEmpty {
      var state = 0
      for byte in pattern {
        let slot = state * 256 + Int(byte)
        if children[slot] < 0 {
          children[slot] = Int32(depth.count)
          depth.append(depth[state] + 1)
          match.append(0)
          children += [Int32](repeating: -1, count: 256)
        }
        state = Int(children[slot])
      }
      match[state] = max(match[state], Int32(pattern.count))
    }
    var fail = [Int](repeating: 0, count: depth.count)
    var queue: [Int] = []
    for byte in 0..<256 {
      let child = children[byte]
      if child < 0 { children[byte] = 0 } else { queue.append(Int(child)) }
    }
    var head = 0
    while head < queue.count {
      let state = queue[head]
      head += 1
      match[state] = max(match[state], match[fail[state]])
      for byte in 0..<256 {
        let slot = state * 256 + byte
        let fallback = children[fail[state] * 256 + byte]
        if children[slot] < 0 {
          children[slot] = fallback
        } else {
          fail[Int(children[slot])] = Int(fallback)
          queue.append(Int(children[slot]))
        }
      }
    }
    self.next = children
    self.depth = depth
    self.match = match
  }
}
