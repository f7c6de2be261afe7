/// Takes secrets out of bytes that come in pieces of any size.
package struct RedactionStream: Sendable {
  private let redactor: Redactor
  /// What of the redactor's knowledge this stream has taken up.
  private var generation = 0
  /// One for each way of reading in which there is something to be found.
  private var scans: [RedactionScan] = []
  /// Bytes that may still turn out to belong to a secret, from `head` on.
  private var held: [UInt8] = []
  private var head = 0
  /// How many bytes were passed on; the next one's place in the stream.
  private var passed = 0
  /// What was found in the held bytes before something new was learnt.
  private var foundBefore: [Range<Int>] = []
  private var isInsideSecret = false

  init(_ redactor: Redactor) {
    self.redactor = redactor
  }

  /// Takes bytes and gives what can be passed on already.
  package mutating func write(_ bytes: UnsafeRawBufferPointer, _ emit: (UnsafeRawBufferPointer) -> Void) {
    takeUpWhatWasLearnt()
    if scans.isEmpty { return emit(bytes) }
    advance(bytes, isEnd: false, emit)
  }

  /// Gives what was held back; the stream is over.
  package mutating func finish(_ emit: (UnsafeRawBufferPointer) -> Void) {
    takeUpWhatWasLearnt()
    advance(UnsafeRawBufferPointer(start: nil, count: 0), isEnd: true, emit)
  }

  /// Looks again at what is held back where secrets were learnt meanwhile; what was found in it stays found.
  private mutating func takeUpWhatWasLearnt() {
    guard let (automata, newer) = redactor.automata(since: generation) else { return }
    generation = newer
    foundBefore = Self.union(scans.map(\.found) + [foundBefore], from: passed, to: .max)
    scans = automata.map { RedactionScan($0, from: passed) }
  }

  private mutating func advance(
    _ bytes: UnsafeRawBufferPointer, isEnd: Bool, _ emit: (UnsafeRawBufferPointer) -> Void
  ) {
    if head == held.count {
      held.removeAll(keepingCapacity: true)
      head = 0
      let settled = look(at: bytes.bindMemory(to: UInt8.self), isEnd: isEnd, emit)
      held.append(contentsOf: bytes[settled...])
    } else {
      if head > held.count / 2 {
        held.removeFirst(head)
        head = 0
      }
      held.append(contentsOf: bytes)
      // Taken out of the stream, so that the rest of it can change while they are read.
      let all = held
      held = []
      head += all.withUnsafeBufferPointer { all in
        look(at: UnsafeBufferPointer(rebasing: all[head...]), isEnd: isEnd, emit)
      }
      held = all
    }
  }

  /// Passes on what is settled, and gives how much that is.
  private mutating func look(
    at bytes: UnsafeBufferPointer<UInt8>, isEnd: Bool, _ emit: (UnsafeRawBufferPointer) -> Void
  ) -> Int {
    let end = passed + bytes.count
    var settled = end
    for index in scans.indices {
      scans[index].read(bytes, at: passed, isEnd: isEnd)
      if !isEnd { settled = min(settled, scans[index].settled) }
    }
    let count = settled - passed
    guard count > 0 else { return 0 }
    pass(UnsafeBufferPointer(rebasing: bytes[..<count]), emit)
    passed = settled
    for index in scans.indices { scans[index].forget(before: settled) }
    foundBefore.removeAll { $0.upperBound <= settled }
    return count
  }

  /// Gives bytes of which it is known where secrets stand in them.
  private mutating func pass(_ bytes: UnsafeBufferPointer<UInt8>, _ emit: (UnsafeRawBufferPointer) -> Void) {
    let found = Self.union(scans.map(\.found) + [foundBefore], from: passed, to: passed + bytes.count)
    guard !found.isEmpty else {
      isInsideSecret = false
      return emit(UnsafeRawBufferPointer(bytes))
    }
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var place = 0
    for range in found {
      if range.lowerBound - passed > place { isInsideSecret = false }
      output.append(contentsOf: bytes[place..<range.lowerBound - passed])
      if !isInsideSecret { output.append(contentsOf: Redactor.placeholder.utf8) }
      isInsideSecret = true
      place = range.upperBound - passed
    }
    if place < bytes.count { isInsideSecret = false }
    output.append(contentsOf: bytes[place...])
    if !output.isEmpty { output.withUnsafeBytes(emit) }
  }

  /// What some lists of ranges cover between two places, each list in order and apart in itself; so is the result.
  private static func union(_ lists: [[Range<Int>]], from start: Int, to end: Int) -> [Range<Int>] {
    var rest = lists.filter { !$0.isEmpty }.map { $0[...] }
    var result: [Range<Int>] = []
    while let next = rest.indices.min(by: {
      rest[$0][rest[$0].startIndex].lowerBound < rest[$1][rest[$1].startIndex].lowerBound
    }) {
      let range = rest[next].removeFirst().clamped(to: start..<end)
      if rest[next].isEmpty { rest.remove(at: next) }
      if range.isEmpty { continue }
      if let last = result.last, last.upperBound >= range.lowerBound {
        result[result.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }
}
