import Synchronization

/// Knows the secrets of a run and takes them out of everything that is kept or shown.
///
/// A secret that is learnt later does not change what has passed already, so secrets are read before what uses them
/// starts; streams that were begun before take it up with their next piece.
package final class Redactor: Sendable {
  /// What stands in a secret's place.
  package static let placeholder = "[redacted]"
  /// Secrets shorter than this are not searched for: they would turn up everywhere.
  package static let shortest = 4

  private struct Known {
    var patterns: [[UInt8]] = []
    var automaton: RedactionAutomaton?
    /// How often something was learnt.
    var generation = 0
  }

  private let known = Mutex(Known())

  package init() {}

  /// Learns a secret: its value as it is, and each line of it where it has several.
  package func learn(_ secret: [UInt8]) {
    known.withLock { known in
      var forms = [secret]
      let lines = secret.split(separator: UInt8(ascii: "\n")).map(Array.init)
      if lines.count > 1 { forms += lines }
      for form in forms where form.count >= Self.shortest && !known.patterns.contains(form) {
        known.patterns.append(form)
      }
      known.automaton = known.patterns.isEmpty ? nil : RedactionAutomaton(known.patterns)
      known.generation += 1
    }
  }

  /// A stream from which secrets are taken out, those included that are learnt while it runs.
  package func stream() -> RedactionStream { RedactionStream(self) }

  /// What finds all secrets known now; nil where nothing was learnt since a generation.
  fileprivate func automaton(since generation: Int) -> (RedactionAutomaton?, generation: Int)? {
    known.withLock { $0.generation == generation ? nil : ($0.automaton, $0.generation) }
  }

  /// A text without the secrets known now.
  package func redact(_ text: String) -> String {
    guard known.withLock({ $0.automaton != nil }) else { return text }
    var stream = stream()
    var result: [UInt8] = []
    Array(text.utf8).withUnsafeBytes { bytes in
      stream.write(bytes) { result.append(contentsOf: $0) }
    }
    stream.finish { result.append(contentsOf: $0) }
    return String(decoding: result, as: UTF8.self)
  }
}

/// Takes secrets out of bytes that come in pieces of any size.
package struct RedactionStream: Sendable {
  private let redactor: Redactor
  /// What of the redactor's knowledge this stream has taken up.
  private var generation = 0
  private var automaton: RedactionAutomaton?
  private var state = 0
  /// Bytes that may still turn out to belong to a secret.
  private var held: [UInt8] = []
  /// For each of them whether it is known to belong to one.
  private var covered: [Bool] = []
  private var insideSecret = false

  init(_ redactor: Redactor) {
    self.redactor = redactor
  }

  /// Takes bytes and gives what can be passed on already.
  package mutating func write(_ bytes: UnsafeRawBufferPointer, _ emit: (UnsafeRawBufferPointer) -> Void) {
    takeUpWhatWasLearnt()
    guard let automaton else {
      emit(bytes)
      return
    }
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count + held.count)
    for byte in bytes {
      held.append(byte)
      covered.append(false)
      look(at: held.count - 1, with: automaton)
      // Only a run longer than any candidate can be passed on; done in pieces to stay linear.
      if held.count >= 4096 + Int(automaton.depth[state]) {
        release(keeping: Int(automaton.depth[state]), into: &output)
      }
    }
    release(keeping: Int(automaton.depth[state]), into: &output)
    if !output.isEmpty { output.withUnsafeBytes(emit) }
  }

  /// Gives what was held back; the stream is over.
  package mutating func finish(_ emit: (UnsafeRawBufferPointer) -> Void) {
    takeUpWhatWasLearnt()
    var output: [UInt8] = []
    release(keeping: 0, into: &output)
    if !output.isEmpty { output.withUnsafeBytes(emit) }
  }

  /// Looks again at what is held back where secrets were learnt meanwhile; what was found in it stays found.
  private mutating func takeUpWhatWasLearnt() {
    guard let (newer, generation) = redactor.automaton(since: generation) else { return }
    self.generation = generation
    automaton = newer
    state = 0
    guard let newer else { return }
    for place in held.indices { look(at: place, with: newer) }
  }

  /// Follows the byte at a place of what is held, and covers the match that ends there.
  private mutating func look(at place: Int, with automaton: RedactionAutomaton) {
    state = Int(automaton.next[state * 256 + Int(held[place])])
    let length = Int(automaton.match[state])
    guard length > 0 else { return }
    for place in (place + 1 - length)...place { covered[place] = true }
  }

  private mutating func release(keeping depth: Int, into output: inout [UInt8]) {
    let count = held.count - depth
    guard count > 0 else { return }
    for place in 0..<count {
      if covered[place] {
        if !insideSecret { output.append(contentsOf: Redactor.placeholder.utf8) }
        insideSecret = true
      } else {
        output.append(held[place])
        insideSecret = false
      }
    }
    held.removeFirst(count)
    covered.removeFirst(count)
  }
}
