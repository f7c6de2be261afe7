/// One search through a text: all states are followed at once, so that each byte is looked at once.
struct PatternSearch {
  enum Mode {
    /// Some match, wherever it is.
    case anywhere
    /// The leftmost match, of those the preferred one, with its group.
    case leftmost
    /// A match from the beginning to the end.
    case whole
  }

  struct Match {
    var whole: Range<Int>?
    var group: Range<Int>?
  }

  /// What one state has seen on its way.
  private struct Trail {
    var start: Int
    var groupStart = -1
    var groupEnd = -1
  }

  /// States in the order of preference.
  private struct States {
    var places: [Int] = []
    var trails: [Trail] = []
    /// The round in which each instruction was last entered.
    var rounds: [UInt32]
    var round: UInt32 = 1

    init(count: Int) { rounds = Array(repeating: 0, count: count) }

    mutating func clear() {
      places.removeAll(keepingCapacity: true)
      trails.removeAll(keepingCapacity: true)
      round &+= 1
      if round == 0 {
        for place in rounds.indices { rounds[place] = 0 }
        round = 1
      }
    }
  }

  private let program: PatternProgram
  private let bytes: UnsafeBufferPointer<UInt8>
  private var current: States
  private var following: States
  private var stack: [(place: Int, trail: Trail)] = []

  init(_ program: PatternProgram, _ bytes: UnsafeBufferPointer<UInt8>) {
    self.program = program
    self.bytes = bytes
    current = States(count: program.instructions.count)
    following = States(count: program.instructions.count)
  }

  /// Searches from an offset on; what stands before it is seen by assertions only.
  mutating func run(_ mode: Mode, from offset: Int = 0) -> Match? {
    var match: Match?
    var position = offset
    current.clear()
    let isAnchored = mode == .whole || program.isAnchored
    while true {
      if match == nil, position == 0 || !isAnchored {
        if current.places.isEmpty, !isAnchored {
          guard let found = program.candidate(bytes, from: position) else { return nil }
          if found > position {
            current.clear()
            position = found
          }
        }
        Self.enter(program, bytes, program.entry, Trail(start: position), position, &current, &stack)
      }
      if current.places.isEmpty, match != nil || isAnchored { return match }
      let (scalar, width) = decode(position)
      following.clear()
      for (index, place) in current.places.enumerated() {
        let trail = current.trails[index]
        let next: Int
        switch program.instructions[place] {
        case .scalar(let value, let then): next = value == scalar ? then : -1
        case .set(let set, let then): next = width > 0 && program.sets[set].contains(scalar) ? then : -1
        case .any(let includingLineFeed, let then):
          next = width > 0 && (includingLineFeed || scalar != 0x0A) ? then : -1
        case .match:
          if mode == .whole, position < bytes.count {
            next = -1
            break
          }
          match = Match(
            whole: trail.start..<position,
            group: trail.groupStart >= 0 && trail.groupEnd >= 0 ? trail.groupStart..<trail.groupEnd : nil)
          if mode != .leftmost { return match }
          next = -2
        case .split, .assertion, .groupStart, .groupEnd: next = -1
        }
        if next == -2 { break }
        if next >= 0 { Self.enter(program, bytes, next, trail, position + width, &following, &stack) }
      }
      swap(&current, &following)
      guard width > 0 else { return match }
      position += width
    }
  }

  /// Adds a state with all that it leads to without taking a code point.
  private static func enter(
    _ program: PatternProgram, _ bytes: UnsafeBufferPointer<UInt8>, _ place: Int, _ trail: Trail, _ position: Int,
    _ states: inout States, _ stack: inout [(place: Int, trail: Trail)]
  ) {
    stack.append((place, trail))
    while var (place, trail) = stack.popLast() {
      follow: while states.rounds[place] != states.round {
        states.rounds[place] = states.round
        switch program.instructions[place] {
        case .split(let first, let second):
          stack.append((second, trail))
          place = first
        case .assertion(let assertion, let next):
          guard holds(assertion, bytes, position) else { break follow }
          place = next
        case .groupStart(let next):
          trail.groupStart = position
          trail.groupEnd = -1
          place = next
        case .groupEnd(let next):
          trail.groupEnd = position
          place = next
        case .scalar, .set, .any, .match:
          states.places.append(place)
          states.trails.append(trail)
          break follow
        }
      }
    }
  }

  private static func holds(
    _ assertion: PatternAssertion, _ bytes: UnsafeBufferPointer<UInt8>, _ position: Int
  ) -> Bool {
    switch assertion {
    case .textStart: position == 0
    case .textEnd: position == bytes.count
    case .lineStart: position == 0 || bytes[position - 1] == 0x0A
    case .lineEnd: position == bytes.count || bytes[position] == 0x0A
    case .wordEdge: isWordEdge(bytes, position)
    case .noWordEdge: !isWordEdge(bytes, position)
    }
  }

  private static func isWordEdge(_ bytes: UnsafeBufferPointer<UInt8>, _ position: Int) -> Bool {
    let before = position > 0 && Lexer.isWord(bytes[position - 1])
    let after = position < bytes.count && Lexer.isWord(bytes[position])
    return before != after
  }

  /// The code point at a place and its length in bytes; no code point and 0 at the end.
  private func decode(_ position: Int) -> (scalar: UInt32, width: Int) {
    guard position < bytes.count else { return (.max, 0) }
    let first = UInt32(bytes[position])
    if first < 0x80 { return (first, 1) }
    func continuation(_ distance: Int) -> UInt32 { UInt32(bytes[position + distance] & 0x3F) }
    if first < 0xE0 { return ((first & 0x1F) << 6 | continuation(1), 2) }
    if first < 0xF0 { return ((first & 0x0F) << 12 | continuation(1) << 6 | continuation(2), 3) }
    return ((first & 0x07) << 18 | continuation(1) << 12 | continuation(2) << 6 | continuation(3), 4)
  }
}
