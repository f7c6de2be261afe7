/// What a pattern is compiled to: a machine that is in several of its states at once.
final class PatternProgram: Sendable {
  enum Instruction: Sendable {
    /// Takes one code point and goes on.
    case scalar(UInt32, next: Int)
    /// Takes a code point of a set and goes on.
    case set(Int, next: Int)
    case any(includingLineFeed: Bool, next: Int)
    /// Goes both ways; the first one is preferred.
    case split(Int, Int)
    case assertion(PatternAssertion, next: Int)
    /// Remembers the place as the begin or the end of the first group.
    case groupStart(next: Int)
    case groupEnd(next: Int)
    case match
  }

  let instructions: [Instruction]
  let sets: [ScalarSet]
  let entry: Int
  let hasGroup: Bool
  /// What every match begins with.
  let prefix: [UInt8]
  /// Whether a match can only begin where the text does.
  let isAnchored: Bool
  /// The bytes with which a match can begin; nil where it can be empty.
  private let firstBytes: [Bool]?

  init(instructions: [Instruction], sets: [ScalarSet], entry: Int, hasGroup: Bool) {
    self.instructions = instructions
    self.sets = sets
    self.entry = entry
    self.hasGroup = hasGroup
    var prefix: [UInt8] = []
    var isAnchored = false
    var place = entry
    walk: while prefix.count < 64 {
      switch instructions[place] {
      case .groupStart(let next), .groupEnd(let next): place = next
      case .assertion(.textStart, let next) where prefix.isEmpty:
        isAnchored = true
        place = next
      case .scalar(let value, let next):
        if let scalar = Unicode.Scalar(value) { prefix += String(Character(scalar)).utf8 }
        place = next
      default: break walk
      }
    }
    self.prefix = prefix
    self.isAnchored = isAnchored
    firstBytes = Self.firstBytes(instructions, sets, entry)
  }

  /// The first offset from an offset on at which a match may begin; nil where none can.
  func candidate(_ bytes: UnsafeBufferPointer<UInt8>, from offset: Int) -> Int? {
    if !prefix.isEmpty { return prefix.withUnsafeBufferPointer { bytes.firstOffset(of: $0, from: offset) } }
    guard let firstBytes else { return offset }
    return firstBytes.withUnsafeBufferPointer { isFirst in
      var place = offset
      while place < bytes.count, !isFirst[Int(bytes[place])] { place += 1 }
      return place < bytes.count ? place : nil
    }
  }

  private static func firstBytes(_ instructions: [Instruction], _ sets: [ScalarSet], _ entry: Int) -> [Bool]? {
    var isFirst = [Bool](repeating: false, count: 256)
    var seen = [Bool](repeating: false, count: instructions.count)
    var stack = [entry]
    while let place = stack.popLast() {
      if seen[place] { continue }
      seen[place] = true
      switch instructions[place] {
      case .split(let first, let second): stack += [first, second]
      case .assertion(_, let next), .groupStart(let next), .groupEnd(let next): stack.append(next)
      case .match: return nil
      case .scalar(let value, _):
        if value < 0x80 { isFirst[Int(value)] = true } else { for byte in 0xC2...0xF4 { isFirst[byte] = true } }
      case .set(let set, _):
        for byte in 0..<0x80 where sets[set].contains(UInt32(byte)) { isFirst[byte] = true }
        for byte in 0xC2...0xF4 { isFirst[byte] = true }
      case .any:
        for byte in 0...0x7F { isFirst[byte] = true }
        for byte in 0xC2...0xF4 { isFirst[byte] = true }
      }
    }
    return isFirst
  }
}

/// Turns the parts of a pattern into a program, from its end to its beginning.
struct PatternCompiler {
  /// How many instructions a program may have.
  static let maximumSize = 10_000

  private let nodes: [PatternNode]
  private let isNullable: [Bool]
  private var instructions: [PatternProgram.Instruction] = [.match]

  /// The program of a pattern that has so many bytes.
  static func compile(
    _ nodes: [PatternNode], _ root: Int, sets: [ScalarSet], length: Int
  ) throws(PatternError) -> PatternProgram {
    var sizes: [Int] = []
    var nullable: [Bool] = []
    var hasGroup = false
    for node in nodes {
      let (size, canBeEmpty) = measure(node, sizes, nullable)
      sizes.append(min(size, maximumSize + 1))
      nullable.append(canBeEmpty)
      if case .group = node { hasGroup = true }
    }
    guard sizes[root] < maximumSize else {
      throw PatternError("this pattern is too large: its repetitions multiply", 0..<length)
    }
    var compiler = PatternCompiler(nodes: nodes, isNullable: nullable)
    let entry = compiler.compile(root, next: 0)
    return PatternProgram(instructions: compiler.instructions, sets: sets, entry: entry, hasGroup: hasGroup)
  }

  private init(nodes: [PatternNode], isNullable: [Bool]) {
    self.nodes = nodes
    self.isNullable = isNullable
  }

  /// How many instructions a part takes at most, and whether it can match nothing; its own parts are measured.
  private static func measure(_ node: PatternNode, _ sizes: [Int], _ nullable: [Bool]) -> (Int, Bool) {
    switch node {
    case .empty: (1, true)
    case .assertion: (1, true)
    case .scalar, .set, .any: (1, false)
    case .sequence(let parts):
      (parts.reduce(1) { $0 + sizes[$1] }, parts.allSatisfy { nullable[$0] })
    case .alternatives(let parts):
      (parts.reduce(1) { $0 + sizes[$1] + 1 }, parts.contains { nullable[$0] })
    case .repetition(let part, let low, let high, _):
      ((sizes[part] + 1) * max(high ?? low + 1, 1) + 1, low == 0 || nullable[part])
    case .group(let part, _): (sizes[part] + 2, nullable[part])
    }
  }

  private mutating func emit(_ instruction: PatternProgram.Instruction) -> Int {
    instructions.append(instruction)
    return instructions.count - 1
  }

  /// Compiles a part that leads to an instruction; the place to enter it.
  private mutating func compile(_ node: Int, next: Int) -> Int {
    switch nodes[node] {
    case .empty: return next
    case .scalar(let value): return emit(.scalar(value, next: next))
    case .set(let set): return emit(.set(set, next: next))
    case .any(let includingLineFeed): return emit(.any(includingLineFeed: includingLineFeed, next: next))
    case .assertion(let assertion): return emit(.assertion(assertion, next: next))
    case .sequence(let parts):
      var entry = next
      for part in parts.reversed() { entry = compile(part, next: entry) }
      return entry
    case .alternatives(let parts):
      var entries = parts.map { compile($0, next: next) }
      var entry = entries.removeLast()
      for other in entries.reversed() { entry = emit(.split(other, entry)) }
      return entry
    case .repetition(let part, let low, let high, let isLazy):
      return repetition(part, low, high, isLazy, next)
    case .group(let part, let number):
      guard number == 1 else { return compile(part, next: next) }
      let end = emit(.groupEnd(next: next))
      return emit(.groupStart(next: compile(part, next: end)))
    }
  }

  private mutating func repetition(_ part: Int, _ low: Int, _ high: Int?, _ isLazy: Bool, _ next: Int) -> Int {
    var entry = next
    var copies = low
    if let high {
      for _ in low..<high { entry = split(compile(part, next: entry), next, isLazy) }
    } else {
      let loop = emit(.match)
      let body = compile(part, next: loop)
      instructions[loop] = isLazy ? .split(next, body) : .split(body, next)
      if low > 0 {
        entry = body
        copies -= 1
      } else {
        // A part that can match nothing is tried once before the loop decides, or it would lose its precedence.
        entry = isNullable[part] ? split(body, next, isLazy) : loop
      }
    }
    for _ in 0..<copies { entry = compile(part, next: entry) }
    return entry
  }

  private mutating func split(_ body: Int, _ next: Int, _ isLazy: Bool) -> Int {
    emit(isLazy ? .split(next, body) : .split(body, next))
  }
}
