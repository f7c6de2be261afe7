import Glibc

/// Finds the patterns of one reading in a stream that comes in pieces.
///
/// Places are counted from the beginning of the stream. The caller keeps the bytes from `settled` on, and hands them in
/// again, with more behind them, at the next call.
struct RedactionScan: Sendable {
  private let automaton: RedactionAutomaton
  /// Whether the automaton runs; else the filter does.
  private var isRunning = false
  /// The next byte to be read; while the filter runs, the first where a pattern may begin.
  private var place: Int
  /// Where the automaton began.
  private var origin = 0
  /// How far the automaton goes at least.
  private var horizon = 0
  private var state = 0
  /// Where each of the last symbols that the automaton was given begins, as many as its state is deep at least.
  private var starts: [Int] = []
  /// How many bytes in a row stood for nothing.
  private var passedOver = 0
  /// Where secrets were found, in order, apart from each other.
  private(set) var found: [Range<Int>] = []

  /// Finds what begins at a place or behind it.
  init(_ automaton: RedactionAutomaton, from place: Int) {
    self.automaton = automaton
    self.place = place
  }

  /// Nothing that begins before this place is found any more.
  var settled: Int { isRunning ? candidate : place }

  /// Where the longest pattern begins that may be going on.
  private var candidate: Int {
    let depth = automaton.depth(of: state)
    return depth == 0 ? place : starts[starts.count - depth]
  }

  /// Reads on in bytes, the first of which stands at a place not behind what is settled.
  mutating func read(_ bytes: UnsafeBufferPointer<UInt8>, at base: Int, isEnd: Bool) {
    let end = base + bytes.count
    var specials = automaton.reading.special.map { (byte: $0, place: -1) }
    while true {
      if isRunning, !run(bytes, at: base, isEnd: isEnd) { return }
      var special = end
      for index in specials.indices {
        if specials[index].place < place {
          specials[index].place = base + Self.find(specials[index].byte, in: bytes, from: place - base)
        }
        special = min(special, specials[index].place)
      }
      place = base + automaton.skip(bytes, from: place - base, limit: special - base)
      let window = place + automaton.stride - 1 + RedactionAutomaton.gram
      if window <= special {
        begin(until: window)
      } else if special < end {
        begin(until: special + 1)
      } else if isEnd {
        begin(until: end)
      } else {
        return
      }
    }
  }

  /// Forgets what was found before a place.
  mutating func forget(before place: Int) {
    found.removeFirst(found.prefix { $0.upperBound <= place }.count)
  }

  private static func find(_ byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>, from place: Int) -> Int {
    guard place < bytes.count, let base = bytes.baseAddress,
      let found = memchr(base + place, Int32(byte), bytes.count - place)
    else { return bytes.count }
    return UnsafeRawPointer(found) - UnsafeRawPointer(base)
  }

  private mutating func begin(until horizon: Int) {
    isRunning = true
    origin = place
    self.horizon = horizon
    state = 0
    passedOver = 0
    starts.removeAll(keepingCapacity: true)
  }

  /// Lets the automaton read; false where it needs more bytes or is at the end, true where the filter may go on.
  private mutating func run(_ bytes: UnsafeBufferPointer<UInt8>, at base: Int, isEnd: Bool) -> Bool {
    let end = base + bytes.count
    while place < end {
      switch automaton.reading.piece(of: bytes, at: place - base, isEnd: isEnd) {
      case .incomplete: return false
      case .nothing(let width):
        place += width
        passedOver += 1
        // A line break is two bytes at most; more of them end what was encoded.
        if passedOver > 2 { state = 0 }
      case .symbol(let symbol, let width): take(symbol, from: place, to: place + width)
      case .symbols(let packed, let count, let width):
        let start = place
        for index in 0..<count {
          take(UInt8(truncatingIfNeeded: packed >> UInt32(8 * index)), from: start, to: start + width)
        }
      }
      let depth = automaton.depth(of: state)
      if place >= horizon, depth < RedactionAutomaton.gram {
        let candidate = candidate
        if candidate > origin {
          place = candidate
          isRunning = false
          return true
        }
      }
      if starts.count >= 1024 + 2 * depth { starts.removeFirst(starts.count - depth) }
    }
    return false
  }

  @inline(__always)
  private mutating func take(_ symbol: UInt8, from start: Int, to end: Int) {
    passedOver = 0
    starts.append(start)
    place = end
    state = automaton.next(after: state, symbol)
    let length = automaton.match(of: state)
    if length > 0 { cover(starts[starts.count - length]..<end) }
  }

  private mutating func cover(_ range: Range<Int>) {
    // So short an encoded form is told apart from others by nothing; as it stands, the verbatim reading finds it.
    if automaton.reading != .verbatim, range.count < SecretForms.shortestForm { return }
    var range = range
    while let last = found.last, last.upperBound >= range.lowerBound {
      range = min(last.lowerBound, range.lowerBound)..<max(last.upperBound, range.upperBound)
      found.removeLast()
    }
    found.append(range)
  }
}
