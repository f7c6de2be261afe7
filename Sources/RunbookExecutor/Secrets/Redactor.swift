import Synchronization

/// Knows the secrets of a run and takes them out of everything that is kept or shown.
///
/// A secret that is learnt later does not change what has passed already, so secrets are read before what uses them
/// starts; streams that were begun before take it up with their next piece.
package final class Redactor: Sendable {
  /// What stands in a secret's place.
  package static let placeholder = "[redacted]"
  /// Secrets shorter than this are not searched for: they would turn up everywhere.
  package static let shortest = SecretForms.shortestValue

  private struct Known {
    var forms = SecretForms()
    var automata: [RedactionAutomaton] = []
    /// Whether the automata find all forms.
    var isUpToDate = true
    /// How often something was learnt.
    var generation = 0
  }

  private let known = Mutex(Known())

  package init() {}

  /// Learns a secret: its value as it is, each line of it where it has several, and what these look like encoded.
  package func learn(_ secret: some Collection<UInt8>) {
    known.withLock { known in
      known.forms.add(Array(secret))
      known.isUpToDate = false
      known.generation += 1
    }
  }

  /// A stream from which secrets are taken out, those included that are learnt while it runs.
  package func stream() -> RedactionStream { RedactionStream(self) }

  /// What finds all secrets known now; nil where nothing was learnt since a generation.
  func automata(since generation: Int) -> (automata: [RedactionAutomaton], generation: Int)? {
    known.withLock { known in
      guard known.generation != generation else { return nil }
      // Only here, for several secrets are often learnt in a row.
      if !known.isUpToDate {
        known.automata = known.forms.patterns.map { RedactionAutomaton($0.value, reading: $0.key) }
        known.isUpToDate = true
      }
      return (known.automata, known.generation)
    }
  }

  /// A text without the secrets known now.
  package func redact(_ text: String) -> String {
    guard known.withLock({ !$0.forms.patterns.isEmpty }) else { return text }
    var stream = stream()
    var result: [UInt8] = []
    Array(text.utf8).withUnsafeBytes { bytes in
      stream.write(bytes) { result.append(contentsOf: $0) }
    }
    stream.finish { result.append(contentsOf: $0) }
    return String(decoding: result, as: UTF8.self)
  }
}
